using Attune.Graphs;

namespace Attune.Engines.Torch.Operators;

/// <summary>Matrix product over the last two axes; earlier axes broadcast.</summary>
internal sealed class MatMul : TorchOperator
{
    public override string Name => "MatMul";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b) = (node.Slot(0), node.Slot(1));
        if (!node.Type(0).IsFloating()) return TorchKernels.One(frame => frame[a].matmul(frame[b]));
        return TorchKernels.One(frame =>
        {
            using var left = frame.Compute(a);
            using var right = frame.Compute(b);
            return left.Value!.matmul(right.Value!);
        });
    }
}
