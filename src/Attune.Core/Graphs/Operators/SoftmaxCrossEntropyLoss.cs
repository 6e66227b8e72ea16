namespace Attune.Graphs.Operators;

/// <summary>Loss of logits, and on request their log-probabilities.</summary>
internal sealed class SoftmaxCrossEntropyLoss() : ClassLossOperator("SoftmaxCrossEntropyLoss")
{
    public override Arity Outputs => new(1, 2);
}
