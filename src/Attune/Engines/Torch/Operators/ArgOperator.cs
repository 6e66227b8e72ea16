using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Index of the extreme element along an axis, int64: the first of several, or the last on request.</summary>
internal abstract class ArgOperator(string name, Func<torch.Tensor, long, bool, torch.Tensor> compute) : TorchOperator
{
    public override string Name => name;

    public override TorchKernel Compile(TorchNode node)
    {
        var (axis, keeps) = (node.Attributes.Int("axis"), node.Attributes.Int("keepdims", 1) != 0);
        if (node.Attributes.Int("select_last_index") == 0) return TorchKernels.Unary(node, x => compute(x, axis, keeps));
        return TorchKernels.Scoped(node, x => compute(x.flip([axis]), axis, keeps).neg().Add(x.size((int)axis) - 1));
    }
}
