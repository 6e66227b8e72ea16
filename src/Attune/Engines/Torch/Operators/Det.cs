using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Determinants of square matrices.</summary>
internal sealed class Det() : UnaryOperator("Det", x => torch.linalg.det(x));
