using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The activations that recurrent operators name.</summary>
internal static class RecurrentActivation
{
    /// <summary>Functions of the names; parameters are taken from the lists in order by those that have them, else their defaults hold.</summary>
    public static Func<torch.Tensor, torch.Tensor>[] All(IReadOnlyList<string> names, float[]? alphas, float[]? betas)
    {
        var (a, b) = (new Queue<float>(alphas ?? []), new Queue<float>(betas ?? []));
        float Alpha(float fallback) => a.TryDequeue(out var value) ? value : fallback;
        float Beta(float fallback) => b.TryDequeue(out var value) ? value : fallback;
        return [.. names.Select(n => One(n, Alpha, Beta))];
    }

    private static Func<torch.Tensor, torch.Tensor> One(string name, Func<float, float> alpha, Func<float, float> beta)
    {
        switch (name.ToUpperInvariant())
        {
            case "SIGMOID": return x => x.sigmoid();
            case "TANH": return x => x.tanh();
            case "RELU": return x => x.relu();
            case "SOFTSIGN": return x => x.Softsign();
            case "SOFTPLUS": return x => x.Softplus();
            case "ELU" when alpha(1) is var a: return x => x.Elu(a);
            case "LEAKYRELU" when alpha(0.01f) is var a: return x => x.LeakyRelu(a);
            case "THRESHOLDEDRELU" when alpha(1) is var a: return x => x.Threshold(a);
            case "AFFINE" when (alpha(1), beta(0)) is var (a, b): return x => x.Mul(a).Add(b);
            case "SCALEDTANH" when (alpha(1), beta(1)) is var (a, b): return x => x.Mul(b).tanh().Mul(a);
            case "HARDSIGMOID" when (alpha(0.2f), beta(0.5f)) is var (a, b): return x => x.Mul(a).Add(b).Clamp(0, 1);
            default: throw new NotSupportedException($"activation '{name}' is not known");
        }
    }
}
