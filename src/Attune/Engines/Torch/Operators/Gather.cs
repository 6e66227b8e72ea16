namespace Attune.Engines.Torch.Operators;

/// <summary>
/// Slices of the data at indices along an axis; an embedding when the data is a table [V, D]. Indices may count from the end. libtorch checks their range.
/// </summary>
internal sealed class Gather : TorchOperator
{
    public override string Name => "Gather";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, ids) = (node.Slot(0), node.Slot(1));
        var (axis, name) = (node.Attributes.Int("axis"), node.RandomName);
        if (node.Integers(1) is { Length: 1 } single && node.Shape(1) is { Length: 0 })
            return TorchKernels.Unary(node, data => data.select(axis, single[0]));
        return TorchKernels.One(frame =>
        {
            var (data, indices) = (frame[x], frame[ids]);
            var at = TorchNode.Axis(axis, (int)data.dim());
            var sizes = data.shape;
            using var positive = Indices.Positive(indices, sizes[at]);
            using var flat = positive.reshape(-1);
            var picked = (at == 0 ? frame.Lookups?.Find(x, flat) : null) ?? data.index_select(at, flat);
            if (indices.dim() == 1) return frame.WithNoise(name, picked);
            using (picked) return frame.WithNoise(name, picked.reshape([.. sizes[..at], .. indices.shape, .. sizes[(at + 1)..]]));
        });
    }
}
