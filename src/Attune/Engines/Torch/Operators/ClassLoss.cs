using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The negative logarithm of the class's probability, weighted by class: shared by the two losses of ONNX.</summary>
internal static class ClassLoss
{
    /// <summary>The loss of log-probabilities [B, C, …] for classes [B, …]: reduced to a mean over the weights, a sum, or not at all.</summary>
    public static torch.Tensor Compute(TorchNode node, torch.Tensor logProbabilities, torch.Tensor classes, torch.Tensor? weights)
    {
        var target = classes.As(torch.ScalarType.Int64);
        var isIgnored = node.Attributes.ContainsKey("ignore_index") ? target.Eq(node.Attributes.Int("ignore_index")) : torch.zeros_like(target, torch.ScalarType.Bool);
        var safe = torch.where(isIgnored, torch.zeros_like(target), target);
        var picked = logProbabilities.gather(1, safe.unsqueeze(1)).squeeze(1).neg();
        var factors = weights is null ? torch.ones_like(picked) : weights.index_select(0, safe.reshape(-1)).reshape(safe.shape);
        factors = torch.where(isIgnored, torch.zeros_like(factors), factors);
        var losses = torch.where(isIgnored, torch.zeros_like(picked), picked.mul(factors));
        return node.Attributes.Text("reduction", "mean") switch
        {
            "none" => losses,
            "sum" => losses.sum(),
            _ => losses.sum().div(factors.sum()),
        };
    }
}
