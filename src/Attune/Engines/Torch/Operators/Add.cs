namespace Attune.Engines.Torch.Operators;

/// <summary>a + b with broadcasting.</summary>
internal sealed class Add : TorchOperator
{
    public override string Name => "Add";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b) = (node.Slot(0), node.Slot(1));
        return TorchKernels.One(frame => frame[a].add(frame[b]));
    }
}
