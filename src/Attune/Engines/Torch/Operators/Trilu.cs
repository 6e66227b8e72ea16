namespace Attune.Engines.Torch.Operators;

/// <summary>The upper (default) or lower triangle; the rest is 0.</summary>
internal sealed class Trilu : TorchOperator
{
    public override string Name => "Trilu";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var upper = node.Attributes.Int("upper", 1) != 0;
        var diagonal = node.IntegersAtRun(1);
        return TorchKernels.One(frame =>
        {
            var k = diagonal?.Invoke(frame)[0] ?? 0;
            return upper ? frame[x].triu(k) : frame[x].tril(k);
        });
    }
}
