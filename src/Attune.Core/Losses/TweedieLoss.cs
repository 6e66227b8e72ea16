using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// Negative quasi-likelihood of y ≥ 0 under a Tweedie distribution with mean eˣ and variance in proportion to the mean to the power p, 1 &lt; p &lt; 2: many zeros and a
/// long tail (Jørgensen 1987, https://doi.org/10.1111/j.2517-6161.1987.tb01685.x). -y·e^((1-p)x)/(1-p) + e^((2-p)x)/(2-p), mean over all elements: half the deviance but for
/// terms of y alone. Towards p = 1 it becomes <see cref="PoissonLoss"/>, towards 2 <see cref="GammaLoss"/>.
/// </summary>
/// <param name="power">p in (1, 2); default 1.5.</param>
public sealed class TweedieLoss(double power = 1.5) : ElementwiseLoss
{
    private readonly float _low = (float)(1 - power), _high = (float)(2 - power);

    /// <inheritdoc/>
    public override string Name => "tweedie";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        TVector low = TSimd.Broadcast(_low), high = TSimd.Broadcast(_high), perLow = TSimd.Broadcast(1 / _low), perHigh = TSimd.Broadcast(1 / _high), most = TSimd.Broadcast(60f);   // e^60: far past any mean, and finite after the division
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var x = TSimd.Load(outputs + i);
            var pull = TSimd.Multiply(TSimd.Load(targets + i), VectorMath<TSimd, TVector>.Exp(TSimd.Min(most, TSimd.Multiply(low, x))));
            var push = VectorMath<TSimd, TVector>.Exp(TSimd.Min(most, TSimd.Multiply(high, x)));
            TSimd.Store(TSimd.Subtract(TSimd.Multiply(push, perHigh), TSimd.Multiply(pull, perLow)), values + i);
            TSimd.Store(TSimd.Subtract(push, pull), slopes + i);
        }
    }
}
