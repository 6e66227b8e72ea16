using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Convolution of integers less their zero points, as int32.</summary>
internal sealed class ConvInteger : TorchOperator
{
    public override string Name => "ConvInteger";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, w, xZero, wZero) = (node.Slot(0), node.Slot(1), node.Slot(2), node.Slot(3));
        var convolution = new IntegerConvolution(node, 1);
        return TorchKernels.Scoped(frame => convolution.Apply(frame[x], frame.Optional(xZero), frame[w], frame.Optional(wZero)).As(torch.ScalarType.Int32));
    }
}
