namespace Attune.Engines.Torch.Operators;

/// <summary>The nearest integer; halves go to the even one.</summary>
internal sealed class Round() : UnaryOperator("Round", x => x.round());
