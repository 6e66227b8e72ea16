namespace Attune.Graphs.Operators;

/// <summary>a + b.</summary>
internal sealed class Add() : BroadcastOperator("Add", ElementKind.Numeric)
{
    public override bool TakesChannelWeights => true;

    protected override Dimension Combine(Dimension a, Dimension b)
        => a.Size is { } x && b.Size is { } y ? checked(x + y) : b.Size == 0 ? a : a.Size == 0 ? b : default;
}
