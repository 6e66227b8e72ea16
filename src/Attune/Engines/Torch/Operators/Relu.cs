using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>max(x, 0).</summary>
internal sealed class Relu() : UnaryOperator("Relu", x => torch.nn.functional.relu(x));
