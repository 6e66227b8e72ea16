using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x above 0, slope·x below; the slope broadcasts to x.</summary>
internal sealed class PRelu : TorchOperator
{
    public override string Name => "PRelu";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, slope) = (node.Slot(0), node.Slot(1));
        if (node.Type(0).IsFloating() && node.Shape(0) is { Length: >= 2 } shape && node.Shape(1) is { } weights && IsPerChannel(shape, weights))
        {
            return TorchKernels.One(frame =>
            {
                using var flat = frame[slope].reshape(-1);
                using var typed = flat.As(frame[x].dtype);
                return torch.nn.functional.prelu(frame[x], typed);
            });
        }
        return TorchKernels.Scoped(frame => frame[x].ClampMin(0).Add(frame[x].ClampMax(0).mul(frame[slope])));
    }

    // [C, 1, …] against [B, C, …], or one number.
    private static bool IsPerChannel(long[] x, long[] slope)
        => slope.All(s => s == 1) || slope.Length == x.Length - 1 && slope[0] == x[1] && slope.Skip(1).All(s => s == 1);
}
