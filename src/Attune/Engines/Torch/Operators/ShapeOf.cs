namespace Attune.Engines.Torch.Operators;

/// <summary>The sizes of x as int64, from <c>start</c> to <c>end</c>. Computed when the plan is made where the sizes are known by then.</summary>
internal sealed class ShapeOf : TorchOperator
{
    public override string Name => "Shape";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var (start, end) = (node.Attributes.Int("start"), node.Attributes.Int("end", long.MaxValue));
        return TorchKernels.One(frame =>
        {
            var sizes = frame[x].shape;
            var (first, last) = (Bound(start, sizes.Length), Bound(end, sizes.Length));
            using var host = TorchTensors.Integers(sizes.AsSpan(first, Math.Max(0, last - first)));
            return host.to(frame.Device, copy: true);
        });
    }

    private static int Bound(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);
}
