using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x·tanh(ln(1 + eˣ)) (Misra 2019, arXiv:1908.08681).</summary>
internal sealed class Mish() : UnaryOperator("Mish", x => x.mul(x.Softplus().tanh()));
