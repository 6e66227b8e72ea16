using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Elements from starts to ends (inputs 1 and 2) along axes (3) by steps (4).</summary>
internal sealed class Slice : TorchOperator
{
    public override string Name => "Slice";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var (starts, ends, axes, steps) = (node.IntegersAtRun(1)!, node.IntegersAtRun(2)!, node.IntegersAtRun(3), node.IntegersAtRun(4));
        return TorchKernels.One(frame =>
        {
            var (from, to) = (starts(frame), ends(frame));
            var (along, by) = (axes?.Invoke(frame), steps?.Invoke(frame));
            var result = frame[x];
            for (var i = 0; i < from.Length; i++)
            {
                var axis = along?[i] ?? i;
                var part = Part(result, axis, from[i], to[i], by?[i] ?? 1);
                if (i > 0) result.Dispose();
                result = part;
            }
            return from.Length == 0 ? result.alias() : result;
        });
    }

    private static torch.Tensor Part(torch.Tensor x, long axis, long start, long end, long step)
    {
        var size = x.size((int)axis);
        start = start < 0 ? start + size : start;
        end = end < 0 ? Math.Max(end, -long.MaxValue + size) + size : end;
        if (step > 0)
        {
            start = Math.Clamp(start, 0, size);
            return x.slice(axis, start, Math.Max(start, Math.Clamp(end, 0, size)), step);
        }
        // From the end backwards: the same elements of the mirrored axis.
        (start, end) = (Math.Clamp(start, -1, size - 1), Math.Clamp(end, -1, size - 1));
        using var mirrored = x.flip([axis]);
        var first = size - 1 - start;
        return mirrored.slice(axis, first, Math.Max(first, size - 1 - end), step == long.MinValue ? long.MaxValue : -step);
    }
}
