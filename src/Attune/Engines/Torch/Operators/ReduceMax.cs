namespace Attune.Engines.Torch.Operators;

/// <summary>The greatest element; the least of the type over nothing.</summary>
internal sealed class ReduceMax() : ReductionOperator("ReduceMax", (x, axes, keeps) => axes.Length == 0 ? x.alias() : IsEmpty(x, axes) ? Filled(x, axes, keeps, double.NegativeInfinity) : x.amax(axes, keeps));
