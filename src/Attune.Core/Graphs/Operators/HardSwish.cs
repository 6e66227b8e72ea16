namespace Attune.Graphs.Operators;

/// <summary>x·max(0, min(1, x/6 + 0.5)).</summary>
internal sealed class HardSwish() : ElementwiseOperator("HardSwish", ElementKind.Floating, since: 14);
