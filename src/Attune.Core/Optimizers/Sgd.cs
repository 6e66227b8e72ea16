using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Stochastic gradient descent: g ← g + λw, b ← μb + (1 - τ)g (b = g at step 0), w ← w - η·b, or w - η·(g + μb) with Nesterov's form
/// (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html). Equals torch <c>SGD</c>.
/// </summary>
/// <param name="momentum">μ in [0, 1); default 0.</param>
/// <param name="nesterov">Nesterov's form; needs momentum and no dampening.</param>
/// <param name="dampening">τ; default 0.</param>
public sealed class Sgd(double momentum = 0, bool nesterov = false, double dampening = 0) : VectorOptimizer
{
    /// <summary>μ.</summary>
    public double Momentum { get; } = momentum;

    /// <summary>Nesterov's form.</summary>
    public bool Nesterov { get; } = nesterov;

    /// <summary>τ.</summary>
    public double Dampening { get; } = dampening;

    /// <inheritdoc/>
    public override string Name => "sgd";

    /// <inheritdoc/>
    public override int StateCount => Momentum == 0 ? 0 : 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        TVector scale = TSimd.Broadcast(update.GradientScale), decay = TSimd.Broadcast((float)update.WeightDecay), rate = TSimd.Broadcast((float)-update.LearningRate);
        // At step 0 torch's buffer is the gradient itself, whatever the dampening.
        TVector memory = TSimd.Broadcast(update.Step == 0 ? 0 : (float)Momentum), fresh = TSimd.Broadcast(update.Step == 0 ? 1 : (float)(1 - Dampening)), mu = TSimd.Broadcast((float)Momentum);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = Gradient<TSimd, TVector>(g + i, weight, scale, decay);
            if (s1 is not null)
            {
                var buffer = TSimd.Fma(TSimd.Load(s1 + i), memory, TSimd.Multiply(gradient, fresh));
                TSimd.Store(buffer, s1 + i);
                gradient = Nesterov ? TSimd.Fma(buffer, mu, gradient) : buffer;
            }
            TSimd.Store(TSimd.Fma(gradient, rate, weight), w + i);
        }
    }
}
