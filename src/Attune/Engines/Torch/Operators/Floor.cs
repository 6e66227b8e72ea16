namespace Attune.Engines.Torch.Operators;

/// <summary>The greatest integer that is not above x.</summary>
internal sealed class Floor() : UnaryOperator("Floor", x => x.floor());
