using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Matrix product of integers less their zero points, as int32.</summary>
internal sealed class MatMulInteger : TorchOperator
{
    public override string Name => "MatMulInteger";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b, aZero, bZero) = (node.Slot(0), node.Slot(1), node.Slot(2), node.Slot(3));
        return TorchKernels.Scoped(frame => IntegerProduct.Apply(frame[a], frame.Optional(aZero), frame[b], frame.Optional(bZero)).As(torch.ScalarType.Int32));
    }
}
