using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>ln(1 + eˣ); x itself above 20, where the difference is below 3·10⁻⁹.</summary>
internal sealed class Softplus() : UnaryOperator("Softplus", x => x.Softplus());
