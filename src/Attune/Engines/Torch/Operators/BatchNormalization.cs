using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// Batch normalisation with torch's semantics (Ioffe and Szegedy 2015, arXiv:1502.03167): the batch is normalised by its biased variance, the running variance takes
/// the unbiased one; momentum 0.9 in ONNX is torch's 0.1. A micro-batch with one value a channel has no variance: it is normalised by the running statistics, which
/// it leaves as they are (torch refuses it).
/// </summary>
internal sealed class BatchNormalization : TorchOperator
{
    public override string Name => "BatchNormalization";

    public override bool IsPure => false;

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale, bias, mean, variance) = (node.Slot(0), node.Slot(1), node.Slot(2), node.Slot(3), node.Slot(4));
        var epsilon = node.Attributes.Float("epsilon", 1e-5f);
        var momentum = 1 - node.Attributes.Float("momentum", 0.9f);
        return TorchKernels.One(frame =>
        {
            var value = frame[x];
            var (running, spread) = (frame[mean], frame[variance]);
            var batch = frame.UsesBatchStatistics && value.numel() > value.size(1);
            if (!batch || frame.MovesStatistics) return torch.nn.functional.batch_norm(value, running, spread, frame[scale], frame[bias], batch, momentum, epsilon);
            using var means = running.clone();
            using var spreads = spread.clone();
            return torch.nn.functional.batch_norm(value, means, spreads, frame[scale], frame[bias], true, momentum, epsilon);
        });
    }
}
