using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Tasks;

/// <summary>
/// A vector for each text, learned from texts that belong together: anchor and positive, with a negative where there is one, or two texts with a score of how alike they are. The
/// texts of a row are units of their own; predictions are the network's vectors.
/// </summary>
public sealed class SentenceEmbedding : LearningTask
{
    /// <summary>Name of the task in files and options.</summary>
    public const string TaskName = "embedding";

    /// <summary>Name of the output of an exported model.</summary>
    public const string Output = "sentence_embedding";

    /// <summary>An embedding of the given width.</summary>
    /// <param name="texts">Columns of the texts: anchor and positive, or these and a negative; two with a score.</param>
    /// <param name="width">Numbers of a vector, D.</param>
    /// <param name="score">Column of the scores; null for pairs and triplets.</param>
    /// <param name="divisor">What scores are divided by to lie in [0, 1], above 0.</param>
    /// <exception cref="ArgumentException">The columns are no pair or triplet.</exception>
    public SentenceEmbedding(IReadOnlyList<string> texts, int width, string? score = null, double divisor = 1)
    {
        if (texts.Count is not (2 or 3) || (score is not null && texts.Count != 2)) throw new ArgumentException($"{texts.Count} columns are no pair{(score is null ? " or triplet" : " with a score")}.", nameof(texts));
        (Texts, OutputWidth, Score, Divisor) = (texts, width, score, divisor);
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <summary>Columns of the texts of a row.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Column of the scores; null where texts simply belong together.</summary>
    public string? Score { get; }

    /// <summary>What scores are divided by.</summary>
    public double Divisor { get; }

    /// <summary>The score's column, else that of the positives.</summary>
    public override string Target => Score ?? Texts[1];

    /// <inheritdoc/>
    public override IReadOnlyList<string> TargetColumns => Score is null ? [] : [Score];

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> TargetSchema => [.. TargetColumns.Select(name => new ColumnSchema(name, ColumnKind.Numeric, "the score"))];

    /// <inheritdoc/>
    public override int OutputWidth { get; }

    /// <inheritdoc/>
    public override int PredictionWidth => OutputWidth;

    /// <inheritdoc/>
    public override string DefaultLoss => Score is null ? "multiple-negatives-ranking" : "cosent";

    /// <summary>Losses that these rows can be learned with.</summary>
    public IReadOnlyList<string> Losses => Score is not null ? ["contrastive", "cosent", "cosine-similarity"] : Texts.Count == 3 ? ["multiple-negatives-ranking", "triplet"] : ["multiple-negatives-ranking"];

    /// <inheritdoc/>
    public override string DefaultMetric => Score is null ? "ndcg_at_10" : "spearman";

    /// <summary>
    /// One target a text. With scores: the score divided by <see cref="Divisor"/>, for both texts of a row. Else a number for each different text of the table, so that it is known
    /// which anchors and positives are the same.
    /// </summary>
    /// <exception cref="DataFormatException">A score is missing or out of range; names line and column.</exception>
    public override Targets Encode(Table table)
    {
        var count = Texts.Count;
        if (Score is null)
        {
            var (known, numbers) = (new Dictionary<string, int>(StringComparer.Ordinal), new int[checked(table.Rows * count)]);
            for (var i = 0; i < count; i++)
            {
                var column = table[Texts[i]];
                for (var row = 0; row < table.Rows; row++)
                {
                    var text = column.Text(row);
                    if (!known.TryGetValue(text, out var number)) known[text] = number = known.Count;
                    numbers[row * count + i] = number;
                }
            }
            return Targets.Classes(numbers);
        }
        var scores = ScoresOf(table, Score);
        var values = new float[checked(table.Rows * count)];
        for (var row = 0; row < table.Rows; row++)
        {
            var value = scores[row] / Divisor;
            if (value is < -1 or > 1) throw new DataFormatException(table.Source, Line(table, row), Score, FormattableString.Invariant($"The score {scores[row]} lies outside of [0, {Divisor}], where the scores of training lie. Correct the row."));
            values.AsSpan(row * count, count).Fill((float)value);
        }
        return Targets.Real(values);
    }

    /// <summary>The scores of a table's rows [R].</summary>
    /// <exception cref="DataFormatException">The column holds text, or a cell is empty.</exception>
    public static double[] ScoresOf(Table table, string column)
    {
        if (table[column] is not NumericColumn numeric) throw new DataFormatException(table.Source, null, column, "Scores have to be numbers; this column holds text.");
        var empty = Array.FindIndex(numeric.Values, double.IsNaN);
        return empty < 0 ? numeric.Values : throw new DataFormatException(table.Source, Line(table, empty), column, "The score is missing. Fill it in, or remove the row.");
    }

    /// <inheritdoc/>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions) => outputs.CopyTo(predictions);

    /// <summary>Declares <c>sentence_embedding</c> [N, D]; a network whose output has that name already stays as it is.</summary>
    /// <inheritdoc path="/param"/>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
    {
        if (logits.Name != Output) graph.Output(graph.Node("Identity", [logits]), OutputName(graph, Output), DataType.Float, new Shape("N", OutputWidth));
    }

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Texts = Texts, Width = OutputWidth, Divisor = Score is null ? null : Divisor };
}
