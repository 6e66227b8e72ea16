using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>A copy of the data with elements put at indices along an axis, or combined with what stands there.</summary>
internal sealed class ScatterElements : TorchOperator
{
    public override string Name => "ScatterElements";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, ids, updates) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var axis = node.Attributes.Int("axis");
        var reduction = node.Attributes.Text("reduction", "none");
        return TorchKernels.Scoped(frame =>
        {
            var data = frame[x];
            var at = TorchNode.Axis(axis, (int)data.dim());
            var indices = Indices.Positive(frame[ids], data.size(at));
            if (reduction == "none") return data.scatter(at, indices, frame[updates]);
            if (reduction == "add") return data.scatter_add(at, indices, frame[updates]);
            return ScatterReduction.Rows(data.reshape([-1, 1]), Places(indices, data.shape, at), frame[updates].reshape([-1, 1]), reduction).reshape(data.shape);
        });
    }

    // Row-major places in the data of every element of the indices.
    private static torch.Tensor Places(torch.Tensor indices, long[] sizes, int axis)
    {
        var result = torch.zeros_like(indices);
        for (var i = 0; i < sizes.Length; i++)
        {
            var shape = Enumerable.Repeat(1L, sizes.Length).ToArray();
            shape[i] = -1;
            result = result.Mul(sizes[i]).Add(i == axis ? indices : TorchArithmetic.Arange(indices.size(i), torch.ScalarType.Int64, indices.device).reshape(shape));
        }
        return result.reshape(-1);
    }
}
