namespace Attune.Engines.Torch.Operators;

/// <summary>The least element; the greatest of the type over nothing.</summary>
internal sealed class ReduceMin() : ReductionOperator("ReduceMin", (x, axes, keeps) => axes.Length == 0 ? x.alias() : IsEmpty(x, axes) ? Filled(x, axes, keeps, double.PositiveInfinity) : x.amin(axes, keeps));
