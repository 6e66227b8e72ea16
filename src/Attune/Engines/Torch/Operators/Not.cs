namespace Attune.Engines.Torch.Operators;

/// <summary>¬x.</summary>
internal sealed class Not() : UnaryOperator("Not", x => x.logical_not());
