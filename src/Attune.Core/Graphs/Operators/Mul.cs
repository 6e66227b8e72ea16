namespace Attune.Graphs.Operators;

/// <summary>a · b.</summary>
internal sealed class Mul() : BroadcastOperator("Mul", ElementKind.Numeric)
{
    public override bool TakesChannelWeights => true;

    protected override Dimension Combine(Dimension a, Dimension b)
        => a.Size is { } x && b.Size is { } y ? checked(x * y) : b.Size == 1 ? a : a.Size == 1 ? b : default;
}
