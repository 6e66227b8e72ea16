using Attune.Encoding;
using Attune.Engines;
using Attune.Losses;
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
        var all = new int[set.Rows];
        for (var i = 0; i < all.Length; i++) all[i] = i;
        Predict(model, set, all, task, predictions, null, batchSize);
        return ScoredSet.Of(task, targets, predictions, values);
    }

    /// <summary>Predictions of some rows as metrics read them, piece by piece (<see cref="OutputPieces"/>); of rows without targets as they are given out, and no loss.</summary>
    /// <param name="model">A compiled model of the task.</param>
    /// <param name="set">Encoded rows.</param>
    /// <param name="rows">Row indices.</param>
    /// <param name="task">Turns outputs into predictions.</param>
    /// <param name="predictions">Receives them, [U, PredictionWidth].</param>
    /// <param name="measured">Loss that is summed over the rows; null for none.</param>
    /// <param name="batchSize">Rows per pass at most.</param>
    /// <returns>Sum of the losses, and their count.</returns>
    internal static (double Sum, double Count) Predict(CompiledModel model, EncodedSet set, ReadOnlySpan<int> rows, LearningTask task, Span<float> predictions, Loss? measured = null, int batchSize = int.MaxValue)
    {
        var (outputs, labels, values) = (Array.Empty<float>(), Array.Empty<int>(), Array.Empty<float>());
        var (done, sum, count) = (0, 0.0, 0.0);
        foreach (var (start, length) in OutputPieces.Of(set, rows, model.OutputWidth, batchSize))
        {
            var part = rows.Slice(start, length);
            var units = set.UnitsOf(part);
            if (outputs.Length < units * model.OutputWidth) outputs = new float[units * model.OutputWidth];
            var piece = outputs.AsSpan(0, units * model.OutputWidth);
            model.Predict(set, part, piece);
            var place = predictions.Slice(done * task.PredictionWidth, units * task.PredictionWidth);
            if (set.Targets is null)
            {
                task.Activate(piece, place);
                done += units;
                continue;
            }
            var targets = set.TargetsOf(part, StreamedInput.PlainView, ref labels, ref values);
            task.Judge(piece, targets.Labels, place);
            if (measured is not null)
            {
                sum += measured.Sum(piece, model.OutputWidth, targets, [], 1);
                count += measured.Count(targets);
            }
            done += units;
        }
        return (sum, count);
    }
}
