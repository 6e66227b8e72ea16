using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// Numbers or dates cut into bins: one output per bin, 1 for the one that holds the number, or a single output with the bin's index. Bin k holds edge k ≤ x &lt; edge k + 1; numbers beyond the
/// outer edges belong to the outer bins. A missing cell counts as <see cref="Fill"/>, or sets an output of its own with <see cref="MissingFlag"/>.
/// </summary>
public sealed class BinEncoder : ColumnEncoder
{
    private readonly double[] _inner;

    /// <summary>An encoder with fitted edges.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="edges">Edges [bins + 1], ascending, each once.</param>
    public BinEncoder(string column, IReadOnlyList<double> edges) : base(column)
    {
        if (edges.Count < 2) throw new ArgumentException($"Column '{column}' has {edges.Count} edges; a bin has two.", nameof(edges));
        for (var i = 1; i < edges.Count; i++)
        {
            if (!(edges[i] > edges[i - 1])) throw new ArgumentException($"Column '{column}': the edges do not ascend.", nameof(edges));
        }
        (Edges, _inner) = (edges, [.. edges.Skip(1).SkipLast(1)]);
    }

    /// <summary>Edges [bins + 1].</summary>
    public IReadOnlyList<double> Edges { get; }

    /// <summary>Number of bins.</summary>
    public int Bins => Edges.Count - 1;

    /// <summary>Value of a missing cell in the column's own unit, default 0.</summary>
    public double Fill { get; init; }

    /// <summary>True adds an output that is 1 where the cell is missing; one-hot bins are then all 0.</summary>
    public bool MissingFlag { get; init; }

    /// <summary>True for one output with the bin's index instead of one output per bin.</summary>
    public bool IsOrdinal { get; init; }

    /// <summary>True for a column of dates: reads Unix milliseconds.</summary>
    public bool IsDate { get; init; }

    /// <inheritdoc/>
    public override DataType InputType => IsDate ? DataType.Int64 : DataType.Double;

    /// <inheritdoc/>
    public override int Width => (IsOrdinal ? 1 : Bins) + (MissingFlag ? 1 : 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> FeatureNames
    {
        get
        {
            List<string> names = IsOrdinal ? [Column + " (bin)"] : [.. Enumerable.Range(0, Bins).Select(i => FormattableString.Invariant($"{Column} in {Edges[i]:G5}..{Edges[i + 1]:G5}"))];
            if (MissingFlag) names.Add(Column + " (missing)");
            return names;
        }
    }

    /// <summary>Index of the bin of a number; NaN is missing and counts as <see cref="Fill"/>.</summary>
    public int BinOf(double value)
    {
        if (double.IsNaN(value)) value = Fill;
        var at = Array.BinarySearch(_inner, value);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <inheritdoc/>
    public override Value AppendTo(GraphBuilder graph, Value rawInput)
    {
        var isMissing = IsDate
            ? graph.Node("Equal", [rawInput, graph.Constant("encode.missing", Tensor.Of([DateColumn.Missing], 1))])
            : graph.Node("IsNaN", [rawInput]);
        var x = IsDate ? graph.Node("Cast", [rawInput], Attributes.Of(("to", (long)DataType.Double))) : rawInput;
        var bin = graph.Constant("encode.bin", Tensor.Of([0L], 1, 1));
        if (_inner.Length > 0)
        {
            var reached = graph.Node("Cast", [graph.Node("GreaterOrEqual", [x, graph.Constant("encode.edges", Tensor.Of(_inner, 1, _inner.Length))])], Attributes.Of(("to", (long)DataType.Int64)));
            bin = graph.Node("ReduceSum", [reached, graph.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 1L)));   // [N, 1]
        }
        bin = graph.Node("Where", [isMissing, graph.Constant("encode.fill", Tensor.Of([(long)BinOf(Fill)], 1)), bin]);
        var flag = graph.Node("Cast", [isMissing], Attributes.Of(("to", (long)DataType.Float)));
        Value y;
        if (IsOrdinal) y = graph.Node("Cast", [bin], Attributes.Of(("to", (long)DataType.Float)));
        else
        {
            if (MissingFlag) bin = graph.Node("Where", [isMissing, graph.Constant("encode.none", Tensor.Of([-1L], 1)), bin]);
            y = graph.Node("Cast", [graph.Node("Equal", [bin, graph.Constant("encode.places", Tensor.Of([.. Enumerable.Range(0, Bins).Select(i => (long)i)], 1, Bins))])], Attributes.Of(("to", (long)DataType.Float)));
        }
        return MissingFlag ? graph.Concat([y, flag], 1) : y;
    }

    // The same cells as a number that is scaled.
    internal override Column Accept(Column column, string source, Func<int, long>? lineOfRow) => new NumericEncoder(Column) { IsDate = IsDate }.Accept(column, source, lineOfRow);

    internal override int[] Map(Column column) => [];

    internal override ColumnCount Encode(Column column, int[] map, int first, int count, Span<float> destination, int stride, int offset)
    {
        var missing = 0L;
        var clipped = 0L;
        for (var row = 0; row < count; row++)
        {
            var value = column is DateColumn dates ? dates.Milliseconds[first + row] is var ms && ms == DateColumn.Missing ? double.NaN : ms : ((NumericColumn)column).Values[first + row];
            var cell = destination.Slice(row * stride + offset, Width);
            cell.Clear();
            var isMissing = double.IsNaN(value);
            if (isMissing) missing++;
            else if (value < Edges[0] || value > Edges[^1]) clipped++;
            if (IsOrdinal) cell[0] = BinOf(value);
            else if (!isMissing || !MissingFlag) cell[BinOf(value)] = 1;
            if (MissingFlag && isMissing) cell[^1] = 1;
        }
        return new ColumnCount(Column, missing, 0, clipped);
    }

    internal override ColumnDocument ToDocument() => new()
    {
        Column = Column,
        Encoder = "bins",
        Input = IsDate ? "date" : "double",
        Fill = Fill,
        MissingFlag = MissingFlag,
        Edges = Edges,
        Ordinal = IsOrdinal,
    };
}
