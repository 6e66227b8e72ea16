namespace Attune.Graphs.Operators;

/// <summary>Loss of log-probabilities.</summary>
internal sealed class NegativeLogLikelihoodLoss() : ClassLossOperator("NegativeLogLikelihoodLoss");
