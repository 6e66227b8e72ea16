namespace Attune.Engines.Torch.Operators;

/// <summary>The k greatest (or least) elements along an axis and their indices; of equal elements the one with the lower index comes first.</summary>
internal sealed class TopK : TorchOperator
{
    public override string Name => "TopK";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var count = node.IntegersAtRun(1)!;
        var (axis, largest) = (node.Attributes.Int("axis", -1), node.Attributes.Int("largest", 1) != 0);
        return frame =>
        {
            var k = count(frame)[0];
            var (values, indices) = frame[x].sort(axis, largest, stable: true);
            using (values)
            using (indices) return [values.narrow(axis, 0, k), indices.narrow(axis, 0, k)];
        };
    }
}
