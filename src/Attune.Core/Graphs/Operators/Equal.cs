namespace Attune.Graphs.Operators;

/// <summary>a = b. A symbolic size never equals a negative number.</summary>
internal sealed class Equal() : BroadcastOperator("Equal", ElementKind.Any, comparison: true)
{
    protected override Dimension Combine(Dimension a, Dimension b)
        => a.Size is { } x && b.Size is { } y ? (x == y ? 1 : 0) : a.Size < 0 || b.Size < 0 ? 0 : default(Dimension);
}
