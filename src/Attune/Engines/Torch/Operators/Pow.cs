using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>aᵇ in a's type; squares and roots are recognised.</summary>
internal sealed class Pow : TorchOperator
{
    public override string Name => "Pow";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b, type) = (node.Slot(0), node.Slot(1), node.Type(0));
        var result = TorchTensors.ScalarType(type);
        if (node.Scalar(1) is { } exponent && type.IsFloating() && (node.Shape(1) is { Length: 0 } || node.Shape(0) is { Length: > 0 }))
        {
            return exponent switch
            {
                1 => TorchKernels.Unary(node, x => x.alias()),
                2 => TorchKernels.Unary(node, x => x.Square()),
                0.5 => TorchKernels.Unary(node, x => x.sqrt()),
                -1 => TorchKernels.Unary(node, x => x.reciprocal()),
                _ => TorchKernels.Unary(node, x => x.Pow(exponent)),
            };
        }
        return TorchKernels.Scoped(frame =>
        {
            var (x, y) = (frame[a], frame[b]);
            // libtorch refuses negative integer exponents, which give 0, 1 or −1 anyway.
            if (!type.IsFloating() && !node.Type(1).IsFloating()) return UnsignedWords.Wrap(x.As(torch.ScalarType.Int64).pow(y.As(torch.ScalarType.Int64)), type).As(result);
            return type.IsFloating() ? x.pow(y).As(result) : x.As(torch.ScalarType.Float64).pow(y).As(result);
        });
    }
}
