using Attune.Losses;

namespace Attune.Tests.Losses;

/// <summary>Terms that are added to a loss: distillation, R-Drop, confidence penalty.</summary>
public sealed class RegularizedLossTests
{
    private const int Rows = 8, Width = 3;

    [Theory, InlineData(OutputKind.Softmax), InlineData(OutputKind.Sigmoid), InlineData(OutputKind.Identity)]
    public void Gradients_are_slopes(OutputKind kind)
    {
        var inner = Inner(kind);
        LossSlopes.Check(new Distillation(inner, kind, 3, 0.3), Numbers(2), Width, () => Targets(kind));
        LossSlopes.Check(new RDrop(inner, kind, 1.5), Numbers(2), Width, () => Targets(kind));
        if (kind != OutputKind.Identity) LossSlopes.Check(new ConfidencePenalty(inner, kind, 0.4), Numbers(2), Width, () => Targets(kind));
        LossSlopes.Check(new RDrop(new Distillation(inner, kind), kind, 0.5), Numbers(2), Width, () => Targets(kind));
    }

    [Fact]
    public void Without_their_strength_they_are_the_inner_loss()
    {
        var inner = Inner(OutputKind.Softmax);
        var expected = inner.Sum(Numbers(2), Width, Targets(OutputKind.Softmax), [], 1);
        Assert.Equal(expected, new Distillation(inner, OutputKind.Softmax, 2, 1).Sum(Numbers(2), Width, Targets(OutputKind.Softmax), [], 1), 1e-12);
        Assert.Equal(expected, new ConfidencePenalty(inner, OutputKind.Softmax, 0).Sum(Numbers(2), Width, Targets(OutputKind.Softmax), [], 1), 1e-12);
        var drop = new RDrop(inner, OutputKind.Softmax, 0);
        Assert.Equal(expected / inner.Count(Targets(OutputKind.Softmax)), drop.Sum(Numbers(2), Width, Targets(OutputKind.Softmax), [], 1) / drop.Count(Targets(OutputKind.Softmax)), 1e-12);
        foreach (var loss in new Loss[] { new Distillation(inner, OutputKind.Softmax), drop }) Assert.Same(inner, loss.Measured);
    }

    [Fact]
    public void Ignored_rows_and_class_weights_count_in_the_term_as_in_the_loss()
    {
        var loss = new Distillation(new CrossEntropy(0, [0, 1, 2]), OutputKind.Softmax, 2, 0);
        double Of(int label)
        {
            float[] gradient = [9, 9, 9];
            var sum = loss.Sum([1, 2, 3], 3, new LossTargets { Labels = [label], Teacher = [3, 1, 0], Rows = 1, ValueWidth = 1 }, gradient, 1);
            if (sum == 0) Assert.All(gradient, g => Assert.Equal(0, g));
            return sum;
        }
        Assert.Equal(0, Of(CrossEntropy.IgnoreIndex));
        Assert.Equal(0, Of(0));
        Assert.Equal(2 * Of(1), Of(2), 1e-12);
    }

    [Fact]
    public void Wrong_shapes_and_kinds_are_refused()
    {
        var inner = Inner(OutputKind.Softmax);
        Assert.Contains("teacher", Assert.Throws<ArgumentException>(() => new Distillation(inner, OutputKind.Softmax).Sum(new float[3], 3, new LossTargets { Labels = [0], Rows = 1, ValueWidth = 1 }, [], 1)).Message);
        Assert.Contains("two passes", Assert.Throws<ArgumentException>(() => new RDrop(inner, OutputKind.Softmax, 1).Sum(new float[3], 3, new LossTargets { Labels = [0], Rows = 1, ValueWidth = 1 }, [], 1)).Message);
        Assert.Throws<ArgumentException>(() => new ConfidencePenalty(new MeanSquaredError(), OutputKind.Identity, 1));
        Assert.Throws<ArgumentException>(() => new RDrop(new MarginMse(), OutputKind.Identity, 1));
    }

    private static Loss Inner(OutputKind kind) => kind switch
    {
        OutputKind.Softmax => new CrossEntropy(0.1, [1, 2, 0.5f]),
        OutputKind.Sigmoid => new BinaryCrossEntropy(),
        _ => new MeanSquaredError(),
    };

    // Neighbours share a target, as the two passes of R-Drop do.
    private static LossTargets Targets(OutputKind kind) => new()
    {
        Labels = kind == OutputKind.Softmax ? new[] { 0, 0, 1, 1, CrossEntropy.IgnoreIndex, CrossEntropy.IgnoreIndex, 2, 2 } : [],
        Values = kind == OutputKind.Softmax ? [] : Enumerable.Range(0, Rows * Width).Select(i => (float)(i / (2 * Width) + i % Width) % 2).ToArray(),
        Teacher = Numbers(7),
        Rows = Rows,
        ValueWidth = kind == OutputKind.Softmax ? 1 : Width,
    };

    private static float[] Numbers(int seed) => [.. Enumerable.Range(0, Rows * Width).Select(i => (float)(3 * Math.Sin(seed + 1.7 * i)))];
}
