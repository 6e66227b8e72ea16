namespace Attune.Engines.Torch.Operators;

/// <summary>25/46 − 21/46·cos(2πn/N).</summary>
internal sealed class HammingWindow() : CosineWindow("HammingWindow", 25.0 / 46, 21.0 / 46);
