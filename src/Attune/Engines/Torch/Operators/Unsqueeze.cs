namespace Attune.Engines.Torch.Operators;

/// <summary>Inserts axes of size 1 where input 1 says.</summary>
internal sealed class Unsqueeze : TorchOperator
{
    public override string Name => "Unsqueeze";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        if (node.OutputShape(0) is { } known) return TorchKernels.One(frame => frame[x].reshape(known));
        var axes = node.IntegersAtRun(1)!;
        return TorchKernels.One(frame =>
        {
            var given = axes(frame);
            var rank = (int)frame[x].dim() + given.Length;
            var sizes = new Queue<long>(frame[x].shape);
            var inserted = given.Select(a => TorchNode.Axis(a, rank)).ToHashSet();
            return frame[x].reshape([.. Enumerable.Range(0, rank).Select(i => inserted.Contains(i) ? 1 : sizes.Dequeue())]);
        });
    }
}
