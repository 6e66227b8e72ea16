namespace Attune.Losses;

/// <summary>
/// α/2·‖w - w₀‖² towards the weights that training started from (L2-SP, Li et al. 2018, arXiv:1802.01483, equation 2); with w₀ = 0 plain L2. A penalty on weights, which
/// engines add to their gradients.
/// </summary>
public static class L2Sp
{
    /// <summary>The penalty.</summary>
    /// <param name="weights">w [n].</param>
    /// <param name="start">w₀ [n]; empty for 0.</param>
    /// <param name="strength">α ≥ 0.</param>
    public static double Value(ReadOnlySpan<float> weights, ReadOnlySpan<float> start, double strength)
    {
        double sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var d = (double)weights[i] - (start.IsEmpty ? 0 : start[i]);
            sum += d * d;
        }
        return strength / 2 * sum;
    }

    /// <summary>Adds its gradient α·(w - w₀).</summary>
    /// <param name="weights">w [n].</param>
    /// <param name="start">w₀ [n]; empty for 0.</param>
    /// <param name="strength">α ≥ 0.</param>
    /// <param name="gradient">[n].</param>
    public static void AddGradient(ReadOnlySpan<float> weights, ReadOnlySpan<float> start, float strength, Span<float> gradient)
    {
        if (start.IsEmpty)
        {
            for (var i = 0; i < gradient.Length; i++) gradient[i] += strength * weights[i];
            return;
        }
        for (var i = 0; i < gradient.Length; i++) gradient[i] += strength * (weights[i] - start[i]);
    }
}
