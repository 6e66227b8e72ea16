namespace Attune.Engines.Torch.Operators;

/// <summary>(x − μ)/(σ + 10⁻⁹) over the given axes, by default rows and space.</summary>
internal sealed class MeanVarianceNormalization : TorchOperator
{
    public override string Name => "MeanVarianceNormalization";

    public override TorchKernel Compile(TorchNode node)
    {
        var axes = node.Attributes.Get<long[]>("axes") ?? [0, 2, 3];
        return TorchKernels.Scoped(node, x =>
        {
            var centred = x.sub(x.mean(axes, keepdim: true));
            return centred.div(centred.Square().mean(axes, keepdim: true).sqrt().Add(1e-9));
        });
    }
}
