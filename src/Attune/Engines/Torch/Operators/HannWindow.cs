namespace Attune.Engines.Torch.Operators;

/// <summary>½ − ½·cos(2πn/N).</summary>
internal sealed class HannWindow() : CosineWindow("HannWindow", 0.5, 0.5);
