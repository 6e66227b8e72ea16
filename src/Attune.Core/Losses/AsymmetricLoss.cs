namespace Attune.Losses;

/// <summary>
/// Sigmoid loss for many labels of which few apply (Ben-Baruch et al. 2021, arXiv:2009.14119, equations 4 to 7): a positive costs -(1 - p)^γ₊·log p, a negative
/// -p_m^γ₋·log(1 - p_m) with p_m = max(p - clip, 0), so that easy negatives cost nothing. Mean over all elements. Equals timm <c>AsymmetricLossMultiLabel</c>
/// (which sums), its gradient through the focusing factor included.
/// </summary>
/// <param name="gammaPositive">γ₊ ≥ 0; default 1 (timm).</param>
/// <param name="gammaNegative">γ₋ ≥ 0; default 4 (the paper).</param>
/// <param name="clip">Probability that a negative is forgiven, [0, 1); default 0.05 (the paper).</param>
public sealed class AsymmetricLoss(double gammaPositive = 1, double gammaNegative = 4, double clip = 0.05) : Loss
{
    private const double Least = 1e-8;   // log of less is cut, as in the reference

    /// <inheritdoc/>
    public override string Name => "asymmetric";

    /// <inheritdoc/>
    public override double Count(in LossTargets targets) => (double)targets.Rows * targets.ValueWidth;

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Values(Name, outputs.Length, width, targets, gradient.Length);
        double sum = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            double x = outputs[i], y = targets.Values[i];
            double p = Softmax.Sigmoid(x), q = Softmax.Sigmoid(-x);
            var forgiven = q + clip >= 1 && clip > 0;
            var negative = forgiven ? 1 : q + clip;
            var log = y * Math.Log(Math.Max(p, Least)) + (1 - y) * Math.Log(Math.Max(negative, Least));
            var miss = 1 - (p * y + negative * (1 - y));
            var gamma = gammaPositive * y + gammaNegative * (1 - y);
            var fade = Math.Pow(Math.Max(miss, 0), gamma);
            sum -= log * fade;
            if (double.IsNaN(x)) sum = double.NaN;
            if (gradient.IsEmpty) continue;
            var dNegative = forgiven ? 0 : -p * q;
            var dLog = (p > Least ? y * q : 0) + (negative > Least ? (1 - y) * dNegative / negative : 0);
            var dFade = gamma == 0 || miss <= 0 ? 0 : -gamma * Math.Pow(miss, gamma - 1) * (p * q * y + dNegative * (1 - y));
            gradient[i] = (float)(-scale * (dLog * fade + log * dFade));
        }
        return sum;
    }
}
