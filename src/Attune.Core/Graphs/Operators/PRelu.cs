namespace Attune.Graphs.Operators;

/// <summary>x for x ≥ 0, slope·x below; the slope broadcasts to x.</summary>
internal sealed class PRelu() : BroadcastOperator("PRelu", ElementKind.Numeric)
{
    public override IReadOnlyList<int> WeightInputs => [1];
}
