namespace Attune.Engines.Torch.Operators;

/// <summary>a + b with broadcasting.</summary>
internal sealed class Add() : BinaryOperator("Add", (a, b) => a.Add(b), wraps: true);
