using Attune.Data;
using Attune.Graphs;
using Attune.Options;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Which columns of a table are texts that belong together, and which one says how alike they are.</summary>
/// <param name="Texts">Anchor and positive, or these and a negative; or two texts.</param>
/// <param name="Score">Column of the scores; null where texts simply belong together.</param>
internal sealed record EmbeddingColumns(IReadOnlyList<string> Texts, string? Score)
{
    // Names that data sets of sentence pairs usually have.
    private static readonly string[][] Pairs = [["anchor", "positive"], ["query", "positive"], ["question", "answer"], ["query", "answer"]];
    private static readonly string[][] Scored = [["text1", "text2"], ["sentence1", "sentence2"], ["sentence_A", "sentence_B"]];
    private static readonly string[] Scores = ["score", "similarity_score", "similarity", "label"];

    /// <summary>True when a run learns an embedding: <c>data.task</c> says so, or the earlier model is one.</summary>
    public static bool IsAsked(RunOptions options, StartingModel? start)
        => options.Data.Task == SentenceEmbedding.TaskName || (options.Data.Task == "auto" && start?.Folder?.Task is SentenceEmbedding);

    /// <summary>True when a tuned embedding is to become the encoder of something else: a task is named, or one text and a target.</summary>
    public static bool IsForAnotherTask(RunOptions options)
        => options.Data.Task is "classification" or "regression" or "multi-label" || (options.Data is { Task: "auto", Target: not null } && options.Text.Columns.Count == 1);

    /// <summary>The columns that the options name, else those of the earlier model, else such as usual names tell.</summary>
    /// <param name="options">The options.</param>
    /// <param name="earlier">The earlier model's task, or null.</param>
    /// <param name="columns">Names of the table's columns.</param>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="OptionsException">No columns are named and none can be guessed, or the named ones are no pair.</exception>
    public static EmbeddingColumns In(RunOptions options, SentenceEmbedding? earlier, IReadOnlyList<string> columns, string source)
    {
        bool Has(string name) => columns.Contains(name, StringComparer.Ordinal);
        var texts = options.Text.Columns;
        if (texts.Count == 0 && earlier is not null) texts = earlier.Texts;
        if (texts.Count == 0 && Pairs.FirstOrDefault(p => p.All(Has)) is { } pair) texts = Has("negative") ? [.. pair, "negative"] : pair;
        if (texts.Count == 0 && Scored.FirstOrDefault(p => p.All(Has)) is { } scored) texts = scored;
        if (texts.Count is not (2 or 3))
        {
            throw new OptionsException(texts.Count == 0
                ? $"text.columns: which columns of {source} belong together cannot be told from their names. Name two or three with --text anchor,positive[,negative], or two with --text first,second and their scores with --target. The columns are {NearestName.Preview(columns)}."
                : "text.columns: an embedding is learned from two or three columns: anchor and positive (and negative), or two texts with a score (--target).");
        }
        var score = options.Data.Target ?? (texts.Count == 3 || options.Text.Columns.Count > 0 ? null : earlier is { Score: { } known } ? known : Scored.Any(s => s.SequenceEqual(texts, StringComparer.Ordinal)) ? Scores.FirstOrDefault(Has) : null);
        if (score is not null && texts.Count == 3) throw new OptionsException($"data.target: '{score}' would be a score of two texts, and text.columns names three. Leave one of them out.");
        if (score is not null && texts.Contains(score, StringComparer.Ordinal)) throw new OptionsException($"text.columns: '{score}' is the target; a text cannot be learned from itself.");
        return new EmbeddingColumns(texts, score);
    }

    /// <summary>How rows are drawn: by score, or with the rows of an anchor kept together.</summary>
    public SplitTarget ForSplit() => Score is null ? SplitTarget.Together([Texts[0]]) : SplitTarget.Number(Score);

    /// <summary>The task: the earlier model's where it learns from the same columns.</summary>
    /// <param name="start">What is fine-tuned.</param>
    /// <param name="rows">All rows, whose scores tell their scale.</param>
    /// <exception cref="DataFormatException">Scores are missing, no numbers, or on no known scale.</exception>
    public SentenceEmbedding TaskOf(StartingModel start, Table rows)
    {
        var output = start.Network.Outputs[0];
        var shape = ShapeInference.Infer(start.Network).TryGetValue(output.Name, out var known) ? known.Shape : output.Shape;
        if (shape?[-1].Size is not { } width) throw new DataFormatException(start.Path, null, null, $"Output '{output.Name}' has no known width, so it is no embedding. Name another model.");
        if (start.Folder?.Task is SentenceEmbedding earlier && earlier.Score == Score && earlier.Texts.SequenceEqual(Texts, StringComparer.Ordinal)) return earlier;
        return Score is null ? new SentenceEmbedding(Texts, (int)width) : new SentenceEmbedding(Texts, (int)width, Score, DivisorOf(rows, Score));
    }

    // A scale is a convention of who gave the scores, not something that is fitted: all rows may tell it.
    private static double DivisorOf(Table rows, string score)
    {
        var values = SentenceEmbedding.ScoresOf(rows, score);
        var (least, most) = (values.Min(), values.Max());
        return least >= -1 && most <= 1 ? 1 : least >= 0 && most <= 5 ? 5
            : throw new DataFormatException(rows.Source, null, score, FormattableString.Invariant($"The scores lie in [{least}, {most}]; expected are 0 to 1 (or -1 to 1, as cosines), labels 0 and 1, or 0 to 5. Scale them."));
    }
}
