using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Text;

namespace Attune.Tasks;

/// <summary>
/// One tag of K for each word of a text: named entities (tags <c>B-TYPE</c>, <c>I-TYPE</c>, <c>O</c>) or any other tags, as parts of speech. K softmax outputs a word, read at its first token.
/// The target cells hold the tags of the words that have a token, in order, as a JSON array.
/// </summary>
public sealed class TokenClassification : LearningTask
{
    /// <summary>Name in files and options.</summary>
    public const string TaskName = "token-classification";

    /// <summary>Column of the tags.</summary>
    public const string TagsColumn = TokenColumns.Tags;

    private readonly Dictionary<string, int> _index;

    /// <summary>A tagger.</summary>
    /// <param name="tags">K ≥ 2 tags in output order (see <see cref="Sort"/>).</param>
    /// <exception cref="ArgumentException">There are fewer than two tags, or one stands twice.</exception>
    public TokenClassification(IReadOnlyList<string> tags)
    {
        if (tags.Count < 2) throw new ArgumentException("A tagger needs at least two tags.", nameof(tags));
        if (tags.Distinct(StringComparer.Ordinal).Count() != tags.Count) throw new ArgumentException("A tag stands twice.", nameof(tags));
        (Tags, IsIob) = (tags, Iob.Is(tags));
        _index = tags.Select((name, i) => (name, i)).ToDictionary(t => t.name, t => t.i, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override string Target => TagsColumn;

    /// <summary>Tags in output order.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>True when the tags mark entities (<see cref="Iob.Is"/>).</summary>
    public bool IsIob { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> PredictionNames => Tags;

    /// <inheritdoc/>
    public override int OutputWidth => Tags.Count;

    /// <inheritdoc/>
    public override int PredictionWidth => Tags.Count;

    /// <inheritdoc/>
    public override string DefaultLoss => "cross-entropy";

    /// <inheritdoc/>
    public override string DefaultMetric => IsIob ? "entity_f1" : "log_loss";

    /// <summary>Sorts tags: <c>O</c> first, then by code unit.</summary>
    public static IReadOnlyList<string> Sort(IEnumerable<string> tags) => [.. tags.OrderBy(t => t == Iob.Outside ? 0 : 1).ThenBy(t => t, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public override Targets Encode(Table table)
    {
        var column = table[Target];
        var labels = new List<int>();
        var starts = new int[table.Rows + 1];
        for (var row = 0; row < table.Rows; row++)
        {
            if (column.IsMissing(row)) throw new DataFormatException(table.Source, Line(table, row), Target, "The tags are missing. Add \"tags\" (or \"entities\" beside \"text\"), or remove the row.");
            foreach (var tag in WordList.Read(column.Text(row)))
            {
                if (!_index.TryGetValue(tag, out var label))
                {
                    throw new DataFormatException(table.Source, Line(table, row), Target,
                        $"The tag '{tag}' is not one of the {Tags.Count} tags seen in training ({NearestName.Preview(Tags)}). Fix the row, or retrain with it in the training rows.");
                }
                labels.Add(label);
            }
            starts[row + 1] = labels.Count;
        }
        return Targets.Classes([.. labels]).InRows(starts);
    }

    /// <summary>Index of the tag of a word's probabilities [K]: the largest, the first of equals.</summary>
    public static int Choose(ReadOnlySpan<float> probabilities)
    {
        var best = 0;
        for (var k = 1; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[best]) best = k;
        }
        return best;
    }

    /// <inheritdoc/>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions) => Softmax(outputs, predictions, Tags.Count);

    /// <summary>Appends <c>probabilities</c>, float like the logits [B, T, K], in the order of the tags, which stand in the file's metadata (<see cref="ModelGraph.LabelsKey"/>).</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="logits">[B, T, K].</param>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
    {
        var probabilities = graph.Node("Softmax", [logits], Attributes.Of(("axis", -1L)));   // [B, T, K]
        graph.Output(probabilities, OutputName(graph, "probabilities"), DataType.Float, new Shape("B", "T", Tags.Count));
    }

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Classes = Tags };
}
