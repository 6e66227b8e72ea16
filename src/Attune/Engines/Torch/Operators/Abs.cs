namespace Attune.Engines.Torch.Operators;

/// <summary>|x|.</summary>
internal sealed class Abs() : UnaryOperator("Abs", x => x.abs());
