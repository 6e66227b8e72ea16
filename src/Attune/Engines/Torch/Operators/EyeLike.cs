using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Ones on the k-th diagonal of a matrix of the input's shape.</summary>
internal sealed class EyeLike : TorchOperator
{
    public override string Name => "EyeLike";

    public override TorchKernel Compile(TorchNode node)
    {
        var k = node.Attributes.Int("k");
        var type = TorchTensors.ScalarType(node.OutputType(0));
        return TorchKernels.Scoped(node, x =>
        {
            var rows = TorchArithmetic.Arange(x.size(0), torch.ScalarType.Int64, x.device).Add(k).unsqueeze(1);
            return rows.eq(TorchArithmetic.Arange(x.size(1), torch.ScalarType.Int64, x.device)).As(type);
        });
    }
}
