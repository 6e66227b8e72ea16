using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Graphs;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Randomness;
using Attune.Tasks;

namespace Attune.Tests.Evaluation;

public sealed class ScorerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(32)]
    [InlineData(103)]
    [InlineData(1000)]
    public void Any_batch_size_and_a_ragged_last_batch_give_the_same_metrics(int batchSize)   // traps 30 and 31
    {
        var stream = new Philox(1, "rows");
        var x = Enumerable.Range(0, 103).Select(i => (float)stream.Normal((ulong)i)).ToArray();
        var set = new EncodedSet(103, [new FloatInput("x", 1, x)], Targets.Real([.. x.Select((v, i) => v + stream.Normal(500 + (ulong)i) > 0 ? 1f : 0f)]));
        var task = new Classification("y", ["no", "yes"], "no");
        var whole = Scorer.Score(new Echo(), set, task, batchSize: 103);
        var pieces = Scorer.Score(new Echo(), set, task, batchSize: batchSize);
        Assert.All(MetricCatalog.For(MetricTasks.Binary), metric => Assert.Equal(metric.Compute(whole), metric.Compute(pieces)));
    }

    [Fact]
    public void Regression_is_scored_in_the_users_unit()
    {
        var set = new EncodedSet(2, [new FloatInput("x", 1, [0, 1])], Targets.Real([0, 2]));
        var scores = (RegressionScores)Scorer.Score(new Echo(), set, new Regression("y", 10, 5));
        Assert.Equal([10, 20], scores.Targets);
        Assert.Equal([10, 15], scores.Predictions);
    }

    /// <summary>Outputs its first input.</summary>
    private sealed class Echo : CompiledModel
    {
        public override Graph Graph => throw new NotSupportedException();

        public override int OutputWidth => 1;

        public override IReadOnlyList<TrainableWeight> Trainable => [];

        public override double Accumulate(EncodedSet set, ReadOnlySpan<int> rows, Loss loss, double normalizer, in MicroStep position) => throw new NotSupportedException();

        public override double GradientNorm() => throw new NotSupportedException();

        public override void Update(Optimizer optimizer, in UpdateStep update) => throw new NotSupportedException();

        public override void ClearGradients() => throw new NotSupportedException();

        public override void Predict(EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs)
        {
            for (var i = 0; i < rows.Length; i++) outputs[i] = ((FloatInput)set.Inputs[0]).Values[rows[i]];
        }

        public override void ReadGradient(string weight, Span<float> destination) => throw new NotSupportedException();

        public override void ReadWeight(string weight, Span<float> destination) => throw new NotSupportedException();

        public override void WriteWeight(string weight, ReadOnlySpan<float> source) => throw new NotSupportedException();

        public override TrainingState Capture() => throw new NotSupportedException();

        public override void Restore(TrainingState state) => throw new NotSupportedException();

        public override void SaveWeights() => throw new NotSupportedException();

        public override void Dispose() { }
    }
}
