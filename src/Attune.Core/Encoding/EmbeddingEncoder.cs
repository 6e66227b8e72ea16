using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// An index per row into an embedding table [Rows, EmbeddingWidth] that the network learns. Index 0: unknown and infrequent categories, and missing cells where training
/// had none; 1 … n: the categories; n + 1: missing, where training had it. Without infrequent categories row 0 never gets a gradient: start it at zero.
/// </summary>
public sealed class EmbeddingEncoder : CategoryEncoder
{
    /// <summary>An embedding encoder.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="categories">Categories with an index of their own, in order, no empty word.</param>
    /// <param name="infrequent">Training categories that share index 0 with unknown ones; may be empty.</param>
    /// <param name="hasMissing">True when training had missing cells.</param>
    /// <param name="embeddingWidth">Width D of the table, ≥ 1.</param>
    /// <exception cref="ArgumentException">A category is empty or stands twice, or the width is below 1.</exception>
    public EmbeddingEncoder(string column, IReadOnlyList<string> categories, IReadOnlyList<string> infrequent, bool hasMissing, int embeddingWidth)
        : base(column, categories, infrequent, hasMissing, 1)
    {
        if (embeddingWidth < 1) throw new ArgumentException($"An embedding needs a width of at least 1; got {embeddingWidth}.", nameof(embeddingWidth));
        EmbeddingWidth = embeddingWidth;
    }

    /// <summary>Width D of the embedding table.</summary>
    public int EmbeddingWidth { get; }

    /// <summary>Rows of the embedding table: indices are in [0, Rows).</summary>
    public int Rows => Categories.Count + 1 + (HasMissing ? 1 : 0);

    /// <summary>Name of the network input that takes the indices: <c>codes:column</c>.</summary>
    public string InputName => TableEncoder.CodesPrefix + Column;

    /// <inheritdoc/>
    public override int Width => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> FeatureNames => [];

    internal override int InfrequentCode => 0;

    internal override int UnknownCode => 0;

    internal override int MissingCode => HasMissing ? Categories.Count + 1 : 0;

    /// <summary>Rule for the width of a table of <paramref name="rows"/> rows: min(50, round(1.6 · rows^0.56)), at least 1 (fastai's emb_sz_rule, there capped at 600).</summary>
    public static int DefaultWidth(int rows) => Math.Clamp((int)Math.Round(1.6 * Math.Pow(rows, 0.56)), 1, 50);

    /// <summary>Writes the index of every row to <paramref name="codes"/> [R].</summary>
    public ColumnCount Apply(Column column, Span<int> codes)
    {
        column = Accept(column, "data", null);
        return Encode(column, Map(column), 0, column.Rows, codes);
    }

    /// <inheritdoc/>
    public override Value AppendTo(GraphBuilder graph, Value rawInput) => AppendCodes(graph, rawInput);

    internal ColumnCount Encode(Column column, int[] map, int first, int count, Span<int> codes)
    {
        var text = (TextColumn)column;
        var (missing, unknown) = (0L, 0L);
        for (var row = 0; row < count; row++) codes[row] = Code(text, map, first + row, ref missing, ref unknown);
        return new ColumnCount(Column, missing, unknown, 0);
    }

    internal override ColumnCount Encode(Column column, int[] map, int first, int count, Span<float> destination, int stride, int offset)
        => throw new NotSupportedException("An embedding has no real outputs; use the overload for indices.");

    internal override ColumnDocument ToDocument() => new()
    {
        Column = Column,
        Encoder = "embedding",
        Categories = Categories,
        Infrequent = Infrequent.Count > 0 ? Infrequent : null,
        Missing = HasMissing,
        EmbeddingWidth = EmbeddingWidth,
    };
}
