namespace Attune.Engines.Torch.Operators;

/// <summary>ScatterElements under its name before opset 11.</summary>
internal sealed class Scatter : TorchOperator
{
    private static readonly ScatterElements _elements = new();

    public override string Name => "Scatter";

    public override TorchKernel Compile(TorchNode node) => _elements.Compile(node);
}
