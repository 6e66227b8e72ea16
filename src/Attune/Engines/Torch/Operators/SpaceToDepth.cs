namespace Attune.Engines.Torch.Operators;

/// <summary>Moves blocks of space into channels.</summary>
internal sealed class SpaceToDepth : TorchOperator
{
    public override string Name => "SpaceToDepth";

    public override TorchKernel Compile(TorchNode node)
    {
        var size = node.Attributes.Int("blocksize");
        return TorchKernels.Scoped(node, x =>
        {
            var (b, c, h, w) = (x.size(0), x.size(1), x.size(2) / size, x.size(3) / size);
            return x.reshape([b, c, h, size, w, size]).permute([0, 3, 5, 1, 2, 4]).reshape(b, c * size * size, h, w);
        });
    }
}
