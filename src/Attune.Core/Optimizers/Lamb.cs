namespace Attune.Optimizers;

/// <summary>
/// LAMB (You et al. 2020, arXiv:1904.00962, algorithm 2): Adam's step r = m̂ / (√v̂ + ε) + λw, scaled per weight tensor so that its length is η times the weight's:
/// w ← w - η·(‖w‖/‖r‖)·r. Made for large batches. The ratio is 1 where a norm is 0 and for weights without decay (biases, norms), as in timm <c>Lamb</c>, which it equals;
/// clip the gradient to norm 1 with it (<c>training.max-gradient-norm</c>). Not element-wise: norms are of whole weights.
/// </summary>
public sealed class Lamb(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6) : Optimizer
{
    /// <summary>First moment decay.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Second moment decay.</summary>
    public double Beta2 { get; } = beta2;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override string Name => "lamb";

    /// <inheritdoc/>
    public override int StateCount => 2;

    /// <inheritdoc/>
    public override bool IsElementwise => false;

    /// <inheritdoc/>
    public override void Update(Span<float> weights, ReadOnlySpan<float> gradients, in OptimizerState state, in UpdateStep update)
    {
        CheckLengths(weights.Length, gradients.Length, state);
        var t = update.Step + 1;
        double correction1 = 1 - Math.Pow(Beta1, t), root2 = Math.Sqrt(1 - Math.Pow(Beta2, t));
        Span<float> m = state.First, v = state.Second;
        double weightNorm = 0, stepNorm = 0;
        var decays = update.WeightDecay != 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var g = (double)gradients[i] * update.GradientScale;
            m[i] = (float)(Beta1 * m[i] + (1 - Beta1) * g);
            v[i] = (float)(Beta2 * v[i] + (1 - Beta2) * g * g);
            if (!decays) continue;
            var step = Step(weights, m, v, i, correction1, root2, update.WeightDecay);
            weightNorm += (double)weights[i] * weights[i];
            stepNorm += step * step;
        }
        var ratio = decays && weightNorm > 0 && stepNorm > 0 ? Math.Sqrt(weightNorm / stepNorm) : 1;
        for (var i = 0; i < weights.Length; i++) weights[i] -= (float)(update.LearningRate * ratio * Step(weights, m, v, i, correction1, root2, update.WeightDecay));
    }

    private double Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> m, ReadOnlySpan<float> v, int i, double correction1, double root2, double decay)
        => m[i] / correction1 / (Math.Sqrt(v[i]) / root2 + Epsilon) + decay * weights[i];
}
