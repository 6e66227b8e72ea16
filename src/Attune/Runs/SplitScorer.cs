using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Scores a network on one split: outputs → predictions → what metrics read.</summary>
internal sealed class SplitScorer(LearningTask task, EncodedSet set, Table rows)
{
    private readonly double[]? _values = (task as Regression)?.Values(rows);
    private readonly float[] _predictions = new float[(long)set.Units * task.PredictionWidth];

    /// <summary>Scores of outputs [U, OutputWidth] that were computed already.</summary>
    public ScoredSet Score(ReadOnlySpan<float> outputs)
    {
        task.Judge(outputs, set.Targets!.Labels, _predictions);
        return ScoredSet.Of(task, set.Targets, _predictions, _values);
    }

    /// <summary>Scores of a model in evaluation mode.</summary>
    public ScoredSet Score(CompiledModel model) => Scorer.Score(model, set, task, _values);
}
