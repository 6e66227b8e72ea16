namespace Attune.Engines.Torch.Operators;

/// <summary>True where x is not a number.</summary>
internal sealed class IsNaN() : UnaryOperator("IsNaN", x => x.isnan());
