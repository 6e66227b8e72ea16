using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>A fitted monotone function of one number, computed in double before a <see cref="NumericEncoder"/> centres and divides. Immutable.</summary>
public abstract class NumericWarp
{
    private protected NumericWarp() { }

    /// <summary>The function's value; x is no NaN.</summary>
    public abstract double Apply(double x);

    /// <summary>Appends the nodes that compute the same, [N, 1] double → [N, 1] double.</summary>
    internal abstract Value AppendTo(GraphBuilder graph, Value x);

    internal abstract ColumnDocument WriteTo(ColumnDocument document);

    private protected static Value Number(GraphBuilder graph, double value) => graph.Constant("encode.number", Tensor.Of([value]));

    private protected static Value Table(GraphBuilder graph, string name, double[] values) => graph.Constant("encode." + name, Tensor.Of(values, values.Length));
}
