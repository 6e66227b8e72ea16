using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// RMSprop (Hinton 2012, lecture 6e of Neural Networks for Machine Learning; centered: Graves 2013, arXiv:1308.0850, equation 38): v ← αv + (1 - α)g²,
/// w ← w - η·g / (√v + ε), with momentum b ← μb + g / (√v + ε), w ← w - η·b. Centered, the square of the gradient's average is taken off v. Weight decay is L2.
/// Equals torch <c>RMSprop</c>.
/// </summary>
public sealed class RmsProp(double alpha = 0.99, double epsilon = 1e-8, double momentum = 0, bool centered = false) : VectorOptimizer
{
    /// <summary>Decay of the squared gradient's average.</summary>
    public double Alpha { get; } = alpha;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <summary>μ; 0 is off.</summary>
    public double Momentum { get; } = momentum;

    /// <summary>Divides by the deviation instead of the root mean square.</summary>
    public bool Centered { get; } = centered;

    /// <inheritdoc/>
    public override string Name => "rmsprop";

    /// <summary>The squares, then the average where it is centered, then the momentum.</summary>
    public override int StateCount => 1 + (Centered ? 1 : 0) + (Momentum > 0 ? 1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        float* average = Centered ? s2 : null, buffer = Momentum > 0 ? (Centered ? s3 : s2) : null;
        TVector scale = TSimd.Broadcast(update.GradientScale), decay = TSimd.Broadcast((float)update.WeightDecay), rate = TSimd.Broadcast((float)-update.LearningRate);
        TVector alpha = TSimd.Broadcast((float)Alpha), rest = TSimd.Broadcast((float)(1 - Alpha)), epsilon = TSimd.Broadcast((float)Epsilon), mu = TSimd.Broadcast((float)Momentum);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = Gradient<TSimd, TVector>(g + i, weight, scale, decay);
            var squares = Settle<TSimd, TVector>(TSimd.Fma(TSimd.Load(s1 + i), alpha, TSimd.Multiply(TSimd.Multiply(gradient, gradient), rest)));
            TSimd.Store(squares, s1 + i);
            if (average is not null)
            {
                var mean = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(average + i), gradient, rest));
                TSimd.Store(mean, average + i);
                squares = TSimd.Max(TSimd.Zero, TSimd.Subtract(squares, TSimd.Multiply(mean, mean)));
            }
            var step = TSimd.Divide(gradient, TSimd.Add(TSimd.Sqrt(squares), epsilon));
            if (buffer is not null)
            {
                step = TSimd.Fma(TSimd.Load(buffer + i), mu, step);
                TSimd.Store(step, buffer + i);
            }
            TSimd.Store(TSimd.Fma(step, rate, weight), w + i);
        }
    }
}
