namespace Attune.Engines.Torch.Operators;

/// <summary>Broadcasts x together with the shape in input 1.</summary>
internal sealed class Expand : TorchOperator
{
    public override string Name => "Expand";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        if (node.OutputShape(0) is { } known) return TorchKernels.One(frame => frame[x].expand(known));
        var target = node.IntegersAtRun(1)!;
        return TorchKernels.One(frame =>
        {
            var (from, to) = (frame[x].shape, target(frame));
            var sizes = new long[Math.Max(from.Length, to.Length)];
            for (var i = 1; i <= sizes.Length; i++)
            {
                var own = i <= from.Length ? from[^i] : 1;
                var wanted = i <= to.Length ? to[^i] : 1;
                sizes[^i] = wanted == 1 ? own : wanted;
            }
            return frame[x].expand(sizes);
        });
    }
}
