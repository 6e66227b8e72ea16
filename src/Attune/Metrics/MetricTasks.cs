using Attune.Tasks;

namespace Attune.Metrics;

/// <summary>The kinds of task that a metric applies to.</summary>
[Flags]
public enum MetricTasks
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Two classes, one of them positive.</summary>
    Binary = 1,

    /// <summary>More than two classes.</summary>
    Multiclass = 2,

    /// <summary>Two or more classes.</summary>
    Classification = Binary | Multiclass,

    /// <summary>One real value per row.</summary>
    Regression = 4,

    /// <summary>Any number of labels per row.</summary>
    Multilabel = 8,

    /// <summary>A tag per word of a row.</summary>
    Tokens = 16,

    /// <summary>Queries that rank candidates.</summary>
    Ranking = 32,

    /// <summary>Pairs of texts with a score.</summary>
    Similarity = 64,

    /// <summary>Hidden words of texts.</summary>
    MaskedTokens = 128,

    /// <summary>Answers to questions.</summary>
    Answers = 256,
}

/// <summary>The metric kind of a task.</summary>
public static class MetricTasksExtensions
{
    /// <summary>Binary, multiclass, multilabel, tokens, masked tokens, answers, ranking, similarity or regression.</summary>
    public static MetricTasks MetricTasks(this LearningTask task) => task switch
    {
        Classification { Classes.Count: 2 } => Metrics.MetricTasks.Binary,
        Classification => Metrics.MetricTasks.Multiclass,
        TokenClassification => Metrics.MetricTasks.Tokens,
        QuestionAnswering => Metrics.MetricTasks.Answers,
        MaskedLanguageModel => Metrics.MetricTasks.MaskedTokens,
        MultiLabelClassification => Metrics.MetricTasks.Multilabel,
        SentenceEmbedding { Score: null } => Metrics.MetricTasks.Ranking,
        SentenceEmbedding => Metrics.MetricTasks.Similarity,
        _ => Metrics.MetricTasks.Regression,
    };
}
