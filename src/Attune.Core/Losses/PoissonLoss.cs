using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// Negative log-likelihood of counts y ≥ 0 under a Poisson distribution with mean eˣ, without the terms of y alone: eˣ - y·x, mean over all elements
/// (McCullagh and Nelder 1989, Generalized Linear Models). Equals torch <c>poisson_nll_loss</c> with <c>log_input</c>.
/// </summary>
public sealed class PoissonLoss : ElementwiseLoss
{
    /// <inheritdoc/>
    public override string Name => "poisson";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        for (var i = 0; i < count; i += TSimd.Count)
        {
            TVector x = TSimd.Load(outputs + i), y = TSimd.Load(targets + i);
            var mean = VectorMath<TSimd, TVector>.Exp(x);
            TSimd.Store(TSimd.Subtract(mean, TSimd.Multiply(y, x)), values + i);
            TSimd.Store(TSimd.Subtract(mean, y), slopes + i);
        }
    }
}
