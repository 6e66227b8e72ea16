namespace Attune.Engines.Torch.Operators;

/// <summary>a = b.</summary>
internal sealed class Equal() : BinaryOperator("Equal", (a, b) => a.eq(b));
