namespace Attune.Graphs.Operators;

/// <summary>a − b.</summary>
internal sealed class Sub() : BroadcastOperator("Sub", ElementKind.Numeric)
{
    protected override Dimension Combine(Dimension a, Dimension b)
        => a.Size is { } x && b.Size is { } y ? checked(x - y) : b.Size == 0 ? a : default;
}
