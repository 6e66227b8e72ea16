using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Loss of logits, and on request their log-probabilities.</summary>
internal sealed class SoftmaxCrossEntropyLoss : TorchOperator
{
    public override string Name => "SoftmaxCrossEntropyLoss";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, classes, weights) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var wantsLog = node.Wants(1);
        return TorchKernels.ScopedMany(frame =>
        {
            var log = torch.nn.functional.log_softmax(frame[x], 1);
            return [ClassLoss.Compute(node, log, frame[classes], frame.Optional(weights)), wantsLog ? log : null];
        });
    }
}
