namespace Attune.Engines.Torch.Operators;

/// <summary>0.42 − 0.5·cos(2πn/N) + 0.08·cos(4πn/N).</summary>
internal sealed class BlackmanWindow() : CosineWindow("BlackmanWindow", 0.42, 0.5, 0.08);
