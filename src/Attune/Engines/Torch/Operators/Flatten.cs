namespace Attune.Engines.Torch.Operators;

/// <summary>Two axes: those before <c>axis</c> and the rest.</summary>
internal sealed class Flatten : TorchOperator
{
    public override string Name => "Flatten";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        if (node.OutputShape(0) is { } known) return TorchKernels.One(frame => frame[x].reshape(known));
        var axis = node.Attributes.Int("axis", 1);
        return TorchKernels.One(frame =>
        {
            var sizes = frame[x].shape;
            var rows = 1L;
            for (var i = 0; i < TorchNode.Axis(axis, sizes.Length + 1) && axis != sizes.Length; i++) rows *= sizes[i];
            return frame[x].reshape(axis == sizes.Length ? frame[x].numel() : rows, axis == sizes.Length ? 1 : -1);
        });
    }
}
