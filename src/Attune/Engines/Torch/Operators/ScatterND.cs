namespace Attune.Engines.Torch.Operators;

/// <summary>A copy of the data with slices put at index tuples, or combined with what stands there.</summary>
internal sealed class ScatterND : TorchOperator
{
    public override string Name => "ScatterND";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, ids, updates) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var reduction = node.Attributes.Text("reduction", "none");
        return TorchKernels.Scoped(frame =>
        {
            var (data, indices) = (frame[x], frame[ids]);
            var depth = (int)indices.size(-1);
            var places = LinearIndices.Of(indices, data.shape[..depth]).reshape(-1);
            var width = data.shape[depth..].Aggregate(1L, (a, b) => a * b);
            return ScatterReduction.Rows(data.reshape([-1, width]), places, frame[updates].reshape([-1, width]), reduction).reshape(data.shape);
        });
    }
}
