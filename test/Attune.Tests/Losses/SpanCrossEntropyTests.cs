using Attune.Losses;
using Attune.Randomness;

namespace Attune.Tests.Losses;

/// <summary>Where a span begins and ends.</summary>
public sealed class SpanCrossEntropyTests
{
    private static readonly int[] Labels = [1, 2, 0, 4, 1 | 2 | 4, 0, 1, 2, 4];   // three sequences of 4, 2 and 3 tokens
    private static readonly SpanCrossEntropy Loss = new();

    private static float[] Outputs() => [.. Enumerable.Range(0, 18).Select(i => (float)new Philox(3, "scores").Normal((ulong)i))];

    [Fact]
    public void The_loss_is_the_mean_of_both_sides_cross_entropy_over_sequences()
    {
        var outputs = Outputs();
        double expected = 0;
        foreach (var (first, count, start, end) in new[] { (0, 4, 1, 3), (4, 2, 4, 4), (6, 3, 7, 8) })
        {
            double Side(int side, int truth) => Math.Log(Enumerable.Range(first, count).Sum(t => Math.Exp(outputs[2 * t + side]))) - outputs[2 * truth + side];
            expected += (Side(0, start) + Side(1, end)) / 2;
        }
        var targets = new LossTargets { Labels = Labels, Rows = 9, ValueWidth = 1 };
        Assert.Equal(expected, Loss.Sum(outputs, 2, targets, [], 1), 1e-6);
        Assert.Equal(3, Loss.Count(targets));
    }

    [Fact]
    public void The_gradient_is_that_of_finite_differences_and_pieces_sum_to_the_whole()
    {
        var (outputs, gradient) = (Outputs(), new float[18]);
        Loss.Sum(outputs, 2, new LossTargets { Labels = Labels, Rows = 9, ValueWidth = 1 }, gradient, 0.5f);
        for (var i = 0; i < 18; i++)
        {
            double Moved(float by)
            {
                var moved = outputs.ToArray();
                moved[i] += by;
                return Loss.Sum(moved, 2, new LossTargets { Labels = Labels, Rows = 9, ValueWidth = 1 }, [], 1);
            }
            Assert.Equal((Moved(1e-2f) - Moved(-1e-2f)) / 2e-2 * 0.5, gradient[i], 1e-4);
        }
        var parts = new float[18];
        Loss.Sum(outputs.AsSpan(0, 8), 2, new LossTargets { Labels = Labels.AsSpan(0, 4), Rows = 4, ValueWidth = 1 }, parts.AsSpan(0, 8), 0.5f);
        Loss.Sum(outputs.AsSpan(8), 2, new LossTargets { Labels = Labels.AsSpan(4), Rows = 5, ValueWidth = 1 }, parts.AsSpan(8), 0.5f);
        Assert.Equal(gradient, parts);
    }

    [Fact]
    public void Extreme_scores_stay_finite_and_other_widths_are_refused()
    {
        float[] outputs = [1e4f, -1e4f, -1e4f, 1e4f];
        var gradient = new float[4];
        Assert.True(double.IsFinite(Loss.Sum(outputs, 2, new LossTargets { Labels = [1 | 4, 2], Rows = 2, ValueWidth = 1 }, gradient, 1)));
        Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
        Assert.Throws<ArgumentException>(() => Loss.Sum(new float[6], 3, new LossTargets { Labels = [1, 6], Rows = 2, ValueWidth = 1 }, [], 1));
    }
}
