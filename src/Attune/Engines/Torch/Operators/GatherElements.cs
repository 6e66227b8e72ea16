namespace Attune.Engines.Torch.Operators;

/// <summary>Elements of the data at indices along an axis; both have one rank.</summary>
internal sealed class GatherElements : TorchOperator
{
    public override string Name => "GatherElements";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, ids) = (node.Slot(0), node.Slot(1));
        var axis = node.Attributes.Int("axis");
        return TorchKernels.One(frame =>
        {
            using var positive = Indices.Positive(frame[ids], frame[x].size((int)axis));
            return frame[x].gather(axis, positive);
        });
    }
}
