using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>A window a − b·cos(2πn/N) + c·cos(4πn/N) of a given size; periodic, or symmetric with N one smaller.</summary>
internal abstract class CosineWindow(string name, double a, double b, double c = 0) : TorchOperator
{
    public override string Name => name;

    public override TorchKernel Compile(TorchNode node)
    {
        var size = node.IntegersAtRun(0)!;
        var periodic = node.Attributes.Int("periodic", 1) != 0;
        var type = TorchTensors.ScalarType((DataType)node.Attributes.Int("output_datatype", 1));
        return TorchKernels.Scoped(frame =>
        {
            var count = size(frame)[0];
            var angle = TorchArithmetic.Arange(count, torch.ScalarType.Float64, frame.Device).Mul(2 * Math.PI / (periodic ? count : count - 1));
            return angle.cos().Mul(-b).Add(a).Add(angle.Mul(2).cos().Mul(c)).As(type);
        });
    }
}
