using Attune.Encoding;
using Attune.Engines;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Evaluation;

/// <summary>Predicts a whole encoded split, piece by piece, for metrics.</summary>
public static class Scorer
{
    /// <summary>Truth and predictions of every output. Any batch size gives the same rows; memory is O(R·K) for predictions, never logits of all layers.</summary>
    /// <param name="model">A compiled model of the task.</param>
    /// <param name="set">Encoded rows with targets.</param>
    /// <param name="task">Turns outputs into predictions.</param>
    /// <param name="values">Regression targets in the user's unit [R]; without them the encoded ones are scaled back.</param>
    /// <param name="batchSize">Rows per pass, ≥ 1.</param>
    public static ScoredSet Score(CompiledModel model, EncodedSet set, LearningTask task, double[]? values = null, int batchSize = 1024)
    {
        var targets = set.Targets ?? throw new ArgumentException("Scoring needs targets.", nameof(set));
        var predictions = new float[checked(set.Units * task.PredictionWidth)];
        var outputs = Array.Empty<float>();
        var rows = new int[batchSize];
        var done = 0;
        for (var start = 0; start < set.Rows; start += batchSize)
        {
            var count = Math.Min(batchSize, set.Rows - start);
            for (var i = 0; i < count; i++) rows[i] = start + i;
            var units = set.UnitsOf(rows.AsSpan(0, count));
            if (outputs.Length < units * model.OutputWidth) outputs = new float[units * model.OutputWidth];
            var piece = outputs.AsSpan(0, units * model.OutputWidth);
            model.Predict(set, rows.AsSpan(0, count), piece);
            task.Activate(piece, predictions.AsSpan(done * task.PredictionWidth, units * task.PredictionWidth));
            done += units;
        }
        return ScoredSet.Of(task, targets, predictions, values);
    }
}
