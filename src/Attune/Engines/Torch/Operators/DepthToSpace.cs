namespace Attune.Engines.Torch.Operators;

/// <summary>Moves channels into blocks of space: depth first (DCR) or channel first (CRD).</summary>
internal sealed class DepthToSpace : TorchOperator
{
    public override string Name => "DepthToSpace";

    public override TorchKernel Compile(TorchNode node)
    {
        var size = node.Attributes.Int("blocksize");
        var depthFirst = node.Attributes.Text("mode", "DCR") == "DCR";
        return TorchKernels.Scoped(node, x =>
        {
            var (b, c, h, w) = (x.size(0), x.size(1) / (size * size), x.size(2), x.size(3));
            var blocks = depthFirst ? x.reshape([b, size, size, c, h, w]).permute([0, 3, 4, 1, 5, 2]) : x.reshape([b, c, size, size, h, w]).permute([0, 1, 4, 2, 5, 3]);
            return blocks.reshape(b, c, h * size, w * size);
        });
    }
}
