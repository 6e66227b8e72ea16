using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Converts elements to the type that attribute <c>to</c> numbers. Reals are cut towards 0; unsigned types wrap.</summary>
internal sealed class Cast : TorchOperator
{
    public override string Name => "Cast";

    public override TorchKernel Compile(TorchNode node) => Kernel(node, (DataType)node.Attributes.Int("to"));

    /// <summary>The kernel for a target type.</summary>
    public static TorchKernel Kernel(TorchNode node, DataType target)
    {
        var (source, type) = (node.Type(0), TorchTensors.ScalarType(target));
        if (source == DataType.UInt64 && target.IsFloating())
        {
            return TorchKernels.Scoped(node, x =>
            {
                var real = x.As(torch.ScalarType.Float64);
                return torch.where(x.Lt(0), real.Add(18446744073709551616.0), real).As(type);
            });
        }
        if (!UnsignedWords.Needs(target) || target == source) return TorchKernels.Unary(node, x => x.As(type));
        return TorchKernels.Scoped(node, x => UnsignedWords.Wrap(x.As(torch.ScalarType.Int64), target).As(type));
    }
}
