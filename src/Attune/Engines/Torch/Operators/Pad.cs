using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Adds elements around x (input 1: all starts, then all ends); negative ones crop. Modes: constant, reflect, edge, wrap.</summary>
internal sealed class Pad : TorchOperator
{
    public override string Name => "Pad";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, fill) = (node.Slot(0), node.Slot(2));
        var (pads, axes) = (node.IntegersAtRun(1)!, node.IntegersAtRun(3));
        var mode = node.Attributes.Text("mode", "constant");
        if (mode is not ("constant" or "reflect" or "edge" or "wrap")) throw new NotSupportedException($"mode '{mode}' is not run");
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            var (before, after) = Amounts((int)value.dim(), pads(frame), axes?.Invoke(frame));
            return mode == "constant" ? Constant(value, before, after, frame.Optional(fill)) : Mapped(value, before, after, mode);
        });
    }

    private static (long[] Before, long[] After) Amounts(int rank, long[] pads, long[]? axes)
    {
        var (before, after) = (new long[rank], new long[rank]);
        var count = pads.Length / 2;
        for (var i = 0; i < count; i++)
        {
            var axis = TorchNode.Axis(axes?[i] ?? i, rank);
            (before[axis], after[axis]) = (pads[i], pads[count + i]);
        }
        return (before, after);
    }

    private static torch.Tensor Constant(torch.Tensor x, long[] before, long[] after, torch.Tensor? fill)
    {
        var amounts = new long[2 * before.Length];   // libtorch wants the last axis first
        for (var i = 0; i < before.Length; i++) (amounts[2 * i], amounts[2 * i + 1]) = (before[^(i + 1)], after[^(i + 1)]);
        if (fill is { requires_grad: true })
        {
            // the value trains: its gradient is the sum over what was added
            var isAdded = torch.nn.functional.pad(torch.zeros_like(x, torch.ScalarType.Float32), amounts, PaddingModes.Constant, 1).Ne(0);
            return torch.where(isAdded, fill.reshape([]), torch.nn.functional.pad(x, amounts, PaddingModes.Constant, 0));
        }
        var number = fill is null ? 0 : fill.As(torch.ScalarType.Float64).cpu().item<double>();
        return torch.nn.functional.pad(x, amounts, PaddingModes.Constant, number);
    }

    private static torch.Tensor Mapped(torch.Tensor x, long[] before, long[] after, string mode)
    {
        var result = x.alias();
        for (var axis = 0; axis < before.Length; axis++)
        {
            if (before[axis] == 0 && after[axis] == 0) continue;
            var size = x.size(axis);
            var sources = new long[size + before[axis] + after[axis]];
            for (var i = 0; i < sources.Length; i++) sources[i] = Source(i - before[axis], size, mode);
            result = result.index_select(axis, TorchTensors.Integers(sources).to(x.device));
        }
        return result;
    }

    private static long Source(long position, long size, string mode)
    {
        if (mode == "edge") return Math.Clamp(position, 0, size - 1);
        if (mode == "wrap") return (position % size + size) % size;
        if (size == 1) return 0;
        var period = 2 * (size - 1);
        position = (position % period + period) % period;
        return position < size ? position : period - position;
    }
}
