namespace Attune.Engines.Torch.Operators;

/// <summary>Axes in another order; reversed when <c>perm</c> is absent.</summary>
internal sealed class Transpose : TorchOperator
{
    public override string Name => "Transpose";

    public override TorchKernel Compile(TorchNode node)
    {
        if (node.Attributes.Get<long[]>("perm") is { } order) return TorchKernels.Unary(node, x => x.permute(order));
        return TorchKernels.Unary(node, x =>
        {
            var reversed = new long[x.dim()];
            for (var i = 0; i < reversed.Length; i++) reversed[i] = reversed.Length - 1 - i;
            return x.permute(reversed);
        });
    }
}
