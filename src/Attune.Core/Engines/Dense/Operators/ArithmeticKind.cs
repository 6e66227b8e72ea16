namespace Attune.Engines.Dense.Operators;

/// <summary>The four element-wise operators.</summary>
internal enum ArithmeticKind
{
    Add,
    Subtract,
    Multiply,
    Divide,
}
