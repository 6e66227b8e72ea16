using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// One output per category, 1 where the cell holds it: the categories, then one for the infrequent ones if there are any, then one for missing if training had it.
/// An unknown category falls into the infrequent bucket where there is one, else all outputs are 0 (scikit-learn's infrequent_if_exist);
/// a missing cell gives all zeros where training had none.
/// </summary>
public sealed class OneHotEncoder : CategoryEncoder
{
    /// <summary>A one-hot encoder.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="categories">Categories with an output of their own, in order, no empty word.</param>
    /// <param name="infrequent">Training categories that share one output; may be empty.</param>
    /// <param name="hasMissing">True when training had missing cells.</param>
    /// <exception cref="ArgumentException">A category is empty or stands twice.</exception>
    public OneHotEncoder(string column, IReadOnlyList<string> categories, IReadOnlyList<string> infrequent, bool hasMissing)
        : base(column, categories, infrequent, hasMissing, 0)
    {
        List<string> names = [.. categories.Select(c => $"{column}={c}")];
        if (infrequent.Count > 0) names.Add($"{column} (infrequent)");
        if (hasMissing) names.Add($"{column} (missing)");
        FeatureNames = names;
    }

    /// <inheritdoc/>
    public override int Width => Categories.Count + (Infrequent.Count > 0 ? 1 : 0) + (HasMissing ? 1 : 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> FeatureNames { get; }

    internal override int InfrequentCode => Categories.Count;

    internal override int UnknownCode => Infrequent.Count > 0 ? Categories.Count : Width;

    internal override int MissingCode => HasMissing ? Width - 1 : Width;

    /// <inheritdoc/>
    public override Value AppendTo(GraphBuilder graph, Value rawInput)
    {
        var places = new long[Width];
        for (var i = 0; i < places.Length; i++) places[i] = i;
        var hit = graph.Node("Equal", [AppendCodes(graph, rawInput), graph.Constant("encode.places", Tensor.Of(places, 1, Width))]);   // [N, Width]
        return graph.Node("Cast", [hit], Attributes.Of(("to", (long)DataType.Float)));
    }

    internal override ColumnCount Encode(Column column, int[] map, int first, int count, Span<float> destination, int stride, int offset)
    {
        var text = (TextColumn)column;
        var (missing, unknown) = (0L, 0L);
        for (var row = 0; row < count; row++)
        {
            var cell = destination.Slice(row * stride + offset, Width);
            cell.Clear();
            var code = Code(text, map, first + row, ref missing, ref unknown);
            if (code < cell.Length) cell[code] = 1;
        }
        return new ColumnCount(Column, missing, unknown, 0);
    }

    internal override ColumnDocument ToDocument() => new()
    {
        Column = Column,
        Encoder = "one-hot",
        Categories = Categories,
        Infrequent = Infrequent.Count > 0 ? Infrequent : null,
        Missing = HasMissing,
    };
}
