using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Joins along an axis.</summary>
internal sealed class Concat : TorchOperator
{
    public override string Name => "Concat";

    public override TorchKernel Compile(TorchNode node)
    {
        var axis = node.Attributes.Int("axis");
        int[] slots = [.. Enumerable.Range(0, node.Node.Inputs.Count).Select(node.Slot)];
        return TorchKernels.One(frame => torch.cat(Array.ConvertAll(slots, slot => frame[slot]), axis));
    }
}
