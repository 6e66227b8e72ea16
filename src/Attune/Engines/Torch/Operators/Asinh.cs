namespace Attune.Engines.Torch.Operators;

/// <summary>arsinh(x).</summary>
internal sealed class Asinh() : UnaryOperator("Asinh", x => x.asinh());
