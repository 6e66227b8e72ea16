using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Reduces the axes that input 1 lists: all when it is absent or empty, none when <c>noop_with_empty_axes</c> is set.</summary>
/// <param name="name">ONNX's name.</param>
/// <param name="compute">The reduction of some axes: value, axes, whether they stay with size 1.</param>
/// <param name="before">What a node without axes still does to each element; null: nothing.</param>
internal abstract class ReductionOperator(string name, Func<torch.Tensor, long[], bool, torch.Tensor> compute, Func<torch.Tensor, torch.Tensor>? before = null) : TorchOperator
{
    public override string Name => name;

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var axes = node.IntegersAtRun(1);
        var keeps = node.Attributes.Int("keepdims", 1) != 0;
        var none = node.Attributes.Int("noop_with_empty_axes") != 0;
        return TorchKernels.One(frame =>
        {
            var listed = axes?.Invoke(frame) ?? [];
            if (listed.Length > 0) return compute(frame[x], listed, keeps);
            if (none) return before?.Invoke(frame[x]) ?? frame[x].alias();
            return compute(frame[x], All(frame[x]), keeps);
        });
    }

    /// <summary>Axes in 0…rank-1, greatest first.</summary>
    protected static IEnumerable<long> FromLast(torch.Tensor x, long[] axes) => axes.Select(a => (long)TorchNode.Axis(a, (int)x.dim())).OrderDescending();

    /// <summary>True when one of the axes has no elements.</summary>
    protected static bool IsEmpty(torch.Tensor x, long[] axes) => x.numel() == 0 && axes.Any(a => x.size((int)a) == 0);

    /// <summary>The reduced shape, filled with a value.</summary>
    protected static torch.Tensor Filled(torch.Tensor x, long[] axes, bool keeps, double value)
    {
        var reduced = axes.Select(a => TorchNode.Axis(a, (int)x.dim())).ToHashSet();
        var sizes = x.shape.Select((size, i) => (Size: reduced.Contains(i) ? 1 : size, Stays: keeps || !reduced.Contains(i))).Where(s => s.Stays).Select(s => s.Size);
        return TorchArithmetic.Full([.. sizes], value, x.dtype, x.device);
    }

    private static long[] All(torch.Tensor x)
    {
        var all = new long[x.dim()];
        for (var i = 0; i < all.Length; i++) all[i] = i;
        return all;
    }
}
