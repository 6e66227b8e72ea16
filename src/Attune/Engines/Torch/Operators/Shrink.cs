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
            var above = x.Gt(lambda).As(x.dtype).mul(x.Sub(bias));
            var below = x.Lt(-lambda).As(x.dtype).mul(x.Add(bias));
            return above.Add(below).As(x.dtype);
        });
    }
}
