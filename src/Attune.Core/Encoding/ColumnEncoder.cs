using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// A fitted rule that turns one column into numbers, in two forms that agree to 1e-5: <see cref="Apply"/> over memory and <see cref="AppendTo"/> as ONNX nodes.
/// Immutable and thread-safe.
/// </summary>
public abstract class ColumnEncoder
{
    /// <summary>An encoder of the column called <paramref name="column"/>.</summary>
    private protected ColumnEncoder(string column) => Column = column;

    /// <summary>Name of the column, and of the graph input.</summary>
    public string Column { get; }

    /// <summary>
    /// Element type of the graph input [N, 1]: Float or Double (NaN is missing), String ("" is missing) or Int64 Unix milliseconds
    /// (<see cref="DateColumn.Missing"/> is missing).
    /// </summary>
    public abstract DataType InputType { get; }

    /// <summary>Real outputs per row; 0 for an embedding, whose output is an index.</summary>
    public abstract int Width { get; }

    /// <summary>A name per real output, for reports: <c>age</c>, <c>age (missing)</c>, <c>color=red</c>.</summary>
    public abstract IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Writes the real outputs of every row: row r goes to <c>destination[r · stride + offset …]</c>, <see cref="Width"/> values.</summary>
    /// <param name="column">Cells [R].</param>
    /// <param name="destination">At least (R - 1) · stride + offset + Width values.</param>
    /// <param name="stride">Distance between rows.</param>
    /// <param name="offset">Place of the first output in a row.</param>
    /// <exception cref="DataFormatException">The cells are of another kind than the encoder was fitted on.</exception>
    public ColumnCount Apply(Column column, Span<float> destination, int stride, int offset)
    {
        column = Accept(column, "data", null);
        return Encode(column, Map(column), 0, column.Rows, destination, stride, offset);
    }

    /// <summary>Appends the nodes that compute the same from the raw graph input [N, 1] → [N, Width] float (an embedding: [N, 1] int64).</summary>
    public abstract Value AppendTo(GraphBuilder graph, Value rawInput);

    /// <summary>The column as the kind this encoder reads.</summary>
    internal abstract Column Accept(Column column, string source, Func<int, long>? lineOfRow);

    /// <summary>Output code of every dictionary word of a text column; empty for others.</summary>
    internal abstract int[] Map(Column column);

    /// <summary>Encodes rows first … first + count - 1; <paramref name="destination"/> starts at the first of them.</summary>
    internal abstract ColumnCount Encode(Column column, int[] map, int first, int count, Span<float> destination, int stride, int offset);

    internal abstract ColumnDocument ToDocument();
}
