using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>f(a, b) for every element after broadcasting.</summary>
/// <param name="name">ONNX's name.</param>
/// <param name="compute">The function.</param>
/// <param name="wraps">True when results may leave the range of an unsigned type that is kept in a larger one.</param>
/// <param name="orders">True when 64-bit unsigned numbers have to be compared as such.</param>
internal abstract class BinaryOperator(string name, Func<torch.Tensor, torch.Tensor, torch.Tensor> compute, bool wraps = false, bool orders = false) : TorchOperator
{
    public override string Name => name;

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b, type) = (node.Slot(0), node.Slot(1), node.Type(0));
        if (wraps && UnsignedWords.Needs(type))
        {
            return TorchKernels.One(frame =>
            {
                using var result = compute(frame[a], frame[b]);
                return UnsignedWords.Wrap(result, type);
            });
        }
        if (orders && type == DataType.UInt64)
        {
            return TorchKernels.One(frame =>
            {
                using var left = UnsignedWords.Ordered(frame[a]);
                using var right = UnsignedWords.Ordered(frame[b]);
                return compute(left, right);
            });
        }
        return TorchKernels.One(frame => compute(frame[a], frame[b]));
    }
}
