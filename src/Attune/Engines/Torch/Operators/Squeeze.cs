namespace Attune.Engines.Torch.Operators;

/// <summary>Removes the axes of input 1 (all of size 1 when absent).</summary>
internal sealed class Squeeze : TorchOperator
{
    public override string Name => "Squeeze";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        if (node.OutputShape(0) is { } known) return TorchKernels.One(frame => frame[x].reshape(known));
        var axes = node.IntegersAtRun(1);
        return TorchKernels.One(frame =>
        {
            var shape = frame[x].shape;
            var removed = axes?.Invoke(frame).Select(a => TorchNode.Axis(a, shape.Length)).ToHashSet();
            return frame[x].reshape([.. shape.Where((size, i) => removed is null ? size != 1 : !removed.Contains(i))]);
        });
    }
}
