namespace Attune.Engines.Torch.Operators;

/// <summary>Slices of an axis (or elements of the flattened input) where the condition holds.</summary>
internal sealed class Compress : TorchOperator
{
    public override string Name => "Compress";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, condition) = (node.Slot(0), node.Slot(1));
        var whole = !node.Attributes.ContainsKey("axis");
        var axis = node.Attributes.Int("axis");
        return TorchKernels.Scoped(frame =>
        {
            var chosen = frame[condition].nonzero().reshape(-1);
            return whole ? frame[x].reshape(-1).index_select(0, chosen) : frame[x].index_select(TorchNode.Axis(axis, (int)frame[x].dim()), chosen);
        });
    }
}
