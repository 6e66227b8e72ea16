namespace Attune.Engines.Torch.Operators;

/// <summary>Repeats x along each axis as often as input 1 says.</summary>
internal sealed class Tile : TorchOperator
{
    public override string Name => "Tile";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var repeats = node.IntegersAtRun(1)!;
        return TorchKernels.One(frame => frame[x].repeat(repeats(frame)));
    }
}
