namespace Attune.Engines.Torch.Operators;

/// <summary>x + bias below −λ, x − bias above λ, 0 between.</summary>
internal sealed class Shrink : TorchOperator
{
    public override string Name => "Shrink";

    public override TorchKernel Compile(TorchNode node)
    {
        var (lambda, bias) = (node.Attributes.Float("lambd", 0.5f), node.Attributes.Float("bias"));
        return TorchKernels.Scoped(node, x =>
        {
            var above = x.gt(lambda).As(x.dtype).mul(x.sub(bias));
            var below = x.lt(-lambda).As(x.dtype).mul(x.add(bias));
            return above.add(below).As(x.dtype);
        });
    }
}
