namespace Attune.Engines.Torch.Operators;

/// <summary>ln x.</summary>
internal sealed class Log() : UnaryOperator("Log", x => x.log());
