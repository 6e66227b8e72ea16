using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Sums of products in Einstein's notation, with ellipses and repeated letters.</summary>
internal sealed class Einsum : TorchOperator
{
    public override string Name => "Einsum";

    public override TorchKernel Compile(TorchNode node)
    {
        var equation = node.Attributes.Text("equation");
        int[] slots = [.. Enumerable.Range(0, node.Node.Inputs.Count).Select(node.Slot)];
        return TorchKernels.One(frame =>
        {
            var lent = Array.ConvertAll(slots, frame.Compute);
            try
            {
                return torch.einsum(equation, Array.ConvertAll(lent, value => value.Value!));
            }
            finally
            {
                foreach (var value in lent) value.Dispose();
            }
        });
    }
}
