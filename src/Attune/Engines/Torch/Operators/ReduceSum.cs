namespace Attune.Engines.Torch.Operators;

/// <summary>Σ x.</summary>
internal sealed class ReduceSum() : ReductionOperator("ReduceSum", (x, axes, keeps) => axes.Length == 0 ? x.alias() : x.sum(axes, keeps, x.dtype));
