namespace Attune.Engines.Torch.Operators;

/// <summary>Loss of log-probabilities.</summary>
internal sealed class NegativeLogLikelihoodLoss : TorchOperator
{
    public override string Name => "NegativeLogLikelihoodLoss";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, classes, weights) = (node.Slot(0), node.Slot(1), node.Slot(2));
        return TorchKernels.Scoped(frame => ClassLoss.Compute(node, frame[x], frame[classes], frame.Optional(weights)));
    }
}
