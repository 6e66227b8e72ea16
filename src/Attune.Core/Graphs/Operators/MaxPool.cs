namespace Attune.Graphs.Operators;

/// <summary>Greatest element of a window, and optionally its index.</summary>
internal sealed class MaxPool() : PoolOperator("MaxPool")
{
    public override Arity Outputs => new(1, 2);
}
