namespace Attune.Engines.Torch.Operators;

/// <summary>Parts along an axis, of given sizes or as equal as possible.</summary>
internal sealed class Split : TorchOperator
{
    public override string Name => "Split";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var given = node.Attributes.Int("axis");
        var count = node.Node.Outputs.Count;
        var sizes = node.IntegersAtRun(1);
        return frame =>
        {
            var axis = TorchNode.Axis(given, (int)frame[x].dim());
            var lengths = sizes?.Invoke(frame) ?? Equal(frame[x].size(axis), count);
            return [.. frame[x].split(lengths, axis)];
        };
    }

    // All parts but the last have the size of the first (ONNX, from opset 18 on).
    private static long[] Equal(long length, int count)
    {
        var size = (length + count - 1) / count;
        var sizes = new long[count];
        for (var i = 0; i < count; i++) sizes[i] = Math.Clamp(length - i * size, 0, size);
        return sizes;
    }
}
