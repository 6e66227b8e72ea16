namespace Attune.Engines.Torch.Operators;

/// <summary>Remainder of a / b: with b's sign, or with a's sign when <c>fmod</c> is 1.</summary>
internal sealed class Mod : TorchOperator
{
    public override string Name => "Mod";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b) = (node.Slot(0), node.Slot(1));
        if (node.Attributes.Int("fmod") != 0) return TorchKernels.One(frame => frame[a].fmod(frame[b]));
        return TorchKernels.One(frame => frame[a].remainder(frame[b]));
    }
}
