using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Metrics;

/// <summary>Truth and predictions of all rows of one split: what every metric is computed from. Immutable and thread-safe; memory O(R·K).</summary>
public abstract class ScoredSet
{
    private protected ScoredSet(int rows) => Rows = rows;

    /// <summary>Number of rows R.</summary>
    public int Rows { get; }

    /// <summary>Binary, multiclass, multilabel, tokens, masked tokens, answers, ranking, similarity or regression.</summary>
    public abstract MetricTasks Kind { get; }

    /// <summary>All rows counted once.</summary>
    public abstract Sample NewSample();

    /// <summary>Loss of every row [R] for error lists: log loss of the true class or labels (of a sentence the mean over its words), the squared error, or how far from the top the right answer stands.</summary>
    public abstract ReadOnlySpan<double> RowLosses { get; }

    /// <summary>Whether two models predict the same bits for the same rows.</summary>
    internal abstract bool SamePredictions(ScoredSet other);

    /// <summary>Whether truth and rows agree, so that a paired comparison means something.</summary>
    internal abstract bool SameTruth(ScoredSet other);

    /// <summary>Rows on which two models predict differently, by class only or by any number.</summary>
    internal abstract int ChangedRows(ScoredSet other, bool labelsOnly);

    /// <summary>Truth and activated predictions of a task.</summary>
    /// <param name="task">The task that encoded the targets.</param>
    /// <param name="targets">Targets as the task encodes them.</param>
    /// <param name="predictions"><see cref="LearningTask.Activate"/>'s result: probabilities [R, K] (of words [U, K]), values [R], or vectors [U, D].</param>
    /// <param name="values">Regression targets in the user's unit [R]; without them the encoded float targets are scaled back.</param>
    public static ScoredSet Of(LearningTask task, Targets targets, ReadOnlySpan<float> predictions, double[]? values = null)
    {
        if (task is Classification classification)
        {
            return new ClassificationScores(LabelsOf(classification, targets), predictions.ToArray(), classification.Classes.Count, classification.PositiveIndex);
        }
        if (task is MultiLabelClassification labels)
        {
            return new MultilabelScores(targets.Values ?? throw new ArgumentException("Several labels need targets of 0 and 1.", nameof(targets)), predictions.ToArray(), labels.Labels.Count);
        }
        if (task is TokenClassification tokens)
        {
            if (targets is not { Labels: { } tags, RowStarts: { } starts }) throw new ArgumentException("Words need tags and the rows that they belong to.", nameof(targets));
            return new TokenScores(tokens, tags, Array.ConvertAll(predictions.ToArray(), p => (double)p), starts);
        }
        if (task is SentenceEmbedding embedding)
        {
            return embedding.Score is null
                ? RankingScores.Of(targets.Labels ?? throw new ArgumentException("Pairs need to know which texts are the same.", nameof(targets)), predictions, embedding.OutputWidth, embedding.Texts.Count)
                : SimilarityScores.Of(targets.Values ?? throw new ArgumentException("Pairs with scores need real targets.", nameof(targets)), predictions, embedding.OutputWidth);
        }
        if (task is QuestionAnswering reader)
        {
            var windows = targets.Windows ?? throw new ArgumentException("Answers need windows of tokens to be read from.", nameof(targets));
            return AnswerScores.Of(windows, reader.Answer(windows, predictions));
        }
        if (task is MaskedLanguageModel)
        {
            if (targets is not { Labels: { } hidden, RowStarts: { } texts }) throw new ArgumentException("Hidden words need labels and the texts that they belong to.", nameof(targets));
            return new MaskedTokenScores(hidden, predictions, texts);
        }
        if (task is not Regression regression) throw new ArgumentException($"No metric knows the task '{task.Name}'.", nameof(task));
        var predicted = new double[predictions.Length];
        for (var i = 0; i < predicted.Length; i++) predicted[i] = predictions[i];
        if (values is null)
        {
            var scaled = targets.Values ?? throw new ArgumentException("A regression needs real targets.", nameof(targets));
            values = new double[scaled.Length];
            for (var i = 0; i < values.Length; i++) values[i] = scaled[i] * regression.Scale + regression.Mean;
        }
        return new RegressionScores(values, predicted);
    }

    /// <summary>Class indices [R] from encoded targets.</summary>
    internal static int[] LabelsOf(Classification task, Targets targets)
    {
        if (targets.Labels is { } labels) return labels;
        var values = targets.Values ?? throw new ArgumentException("A classifier needs labels.", nameof(targets));
        var result = new int[values.Length];
        for (var i = 0; i < result.Length; i++) result[i] = values[i] > 0.5f ? task.PositiveIndex : 1 - task.PositiveIndex;
        return result;
    }
}
