namespace Attune.Graphs.Operators;

/// <summary>a / b; integers truncate.</summary>
internal sealed class Div() : BroadcastOperator("Div", ElementKind.Numeric)
{
    protected override Dimension Combine(Dimension a, Dimension b)
        => a.Size is { } x && b.Size is { } y and not (0 or -1) ? x / y : b.Size == 1 ? a : default;
}
