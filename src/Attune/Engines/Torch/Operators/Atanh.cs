namespace Attune.Engines.Torch.Operators;

/// <summary>artanh(x).</summary>
internal sealed class Atanh() : UnaryOperator("Atanh", x => x.atanh());
