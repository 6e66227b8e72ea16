using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Slices of the data at index tuples; the first <c>batch_dims</c> axes are shared.</summary>
internal sealed class GatherND : TorchOperator
{
    public override string Name => "GatherND";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, ids) = (node.Slot(0), node.Slot(1));
        var batch = (int)node.Attributes.Int("batch_dims");
        return TorchKernels.Scoped(frame =>
        {
            var (sizes, indices) = (frame[x].shape, frame[ids]);
            var rows = sizes[..batch].Aggregate(1L, (a, b) => a * b);
            var depth = (int)indices.size(-1);
            var places = LinearIndices.Of(indices.reshape([rows, -1, depth]), sizes[batch..(batch + depth)]);      // [rows, n]
            var area = sizes[batch..(batch + depth)].Aggregate(1L, (a, b) => a * b);
            places = places.Add(TorchArithmetic.Arange(rows, torch.ScalarType.Int64, frame.Device).Mul(area).unsqueeze(1)).reshape(-1);
            var rest = sizes[(batch + depth)..];
            var flat = frame[x].reshape([rows * area, rest.Aggregate(1L, (a, b) => a * b)]);
            return flat.index_select(0, places).reshape([.. indices.shape[..^1], .. rest]);
        });
    }
}
