namespace Attune.Engines.Torch.Operators;

/// <summary>The same elements in another shape; 0 copies an axis unless allowzero, -1 is what remains.</summary>
internal sealed class Reshape : TorchOperator
{
    public override string Name => "Reshape";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        if (node.OutputShape(0) is { } known) return TorchKernels.One(frame => frame[x].reshape(known));
        var target = node.IntegersAtRun(1)!;
        var copies = node.Attributes.Int("allowzero") == 0;
        return TorchKernels.One(frame =>
        {
            var value = frame[x];
            var sizes = (long[])target(frame).Clone();
            for (var i = 0; copies && i < sizes.Length; i++)
            {
                if (sizes[i] == 0) sizes[i] = value.size(i);
            }
            return value.reshape(sizes);
        });
    }
}
