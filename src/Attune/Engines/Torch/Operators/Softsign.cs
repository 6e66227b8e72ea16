using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x / (1 + |x|).</summary>
internal sealed class Softsign() : UnaryOperator("Softsign", x => x.Softsign());
