using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Sampling positions of an affine map, in −1…1 (Jaderberg et al. 2015, arXiv:1506.02025): [B, H, W, 2] or [B, D, H, W, 3].</summary>
internal sealed class AffineGrid : TorchOperator
{
    public override string Name => "AffineGrid";

    public override TorchKernel Compile(TorchNode node)
    {
        var theta = node.Slot(0);
        var sizes = node.IntegersAtRun(1)!;
        var aligned = node.Attributes.Int("align_corners") != 0;
        return TorchKernels.One(frame => torch.nn.functional.affine_grid(frame[theta], sizes(frame), aligned));
    }
}
