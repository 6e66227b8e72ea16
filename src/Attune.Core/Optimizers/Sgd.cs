using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Stochastic gradient descent: g ← g + λw, b ← μb + (1 - τ)g (b = g at step 0), w ← w - η·b, or w - η·(g + μb) with Nesterov's form
/// (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html). Equals torch <c>SGD</c>.
/// </summary>
/// <param name="momentum">μ in [0, 1); default 0.</param>
/// <param name="nesterov">Nesterov's form; needs momentum and no dampening.</param>
/// <param name="dampening">τ; default 0.</param>
public sealed class Sgd(double momentum = 0, bool nesterov = false, double dampening = 0) : Optimizer
{
    private readonly float _momentum = (float)momentum;

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

    /// <inheritdoc/>
    public override unsafe void Update(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state1, Span<float> state2, in UpdateStep update)
    {
        var count = weights.Length;
        if (gradients.Length != count || (Momentum != 0 && state1.Length != count))
            throw new ArgumentException($"{count} weights with {gradients.Length} gradients and {state1.Length} states; all need one length.");
        fixed (float* w = weights, g = gradients, b = state1)
        {
            if (Vector512.IsHardwareAccelerated) Run<Simd512, Vector512<float>>(w, g, b, count, update);
            else if (Vector256.IsHardwareAccelerated) Run<Simd256, Vector256<float>>(w, g, b, count, update);
            else Run<Simd128, Vector128<float>>(w, g, b, count, update);
        }
    }

    private unsafe void Run<TSimd, TVector>(float* w, float* g, float* b, int count, in UpdateStep update) where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        var whole = count - count % TSimd.Count;
        Body<TSimd, TVector>(w, g, b, whole, update);
        var rest = count - whole;
        if (rest == 0) return;
        var buffer = stackalloc float[48];   // the tail through the same vector code: same bits for any split
        float* tw = buffer, tg = buffer + 16, tb = b is null ? null : buffer + 32;
        new Span<float>(buffer, 48).Clear();
        for (var i = 0; i < rest; i++)
        {
            (tw[i], tg[i]) = (w[whole + i], g[whole + i]);
            if (b is not null) tb[i] = b[whole + i];
        }
        Body<TSimd, TVector>(tw, tg, tb, TSimd.Count, update);
        for (var i = 0; i < rest; i++)
        {
            w[whole + i] = tw[i];
            if (b is not null) b[whole + i] = tb[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Body<TSimd, TVector>(float* w, float* g, float* b, int count, in UpdateStep update) where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        TVector scale = TSimd.Broadcast(update.GradientScale), decay = TSimd.Broadcast((float)update.WeightDecay), rate = TSimd.Broadcast((float)-update.LearningRate);
        // At step 0 torch's buffer is the gradient itself, whatever the dampening.
        TVector memory = TSimd.Broadcast(update.Step == 0 ? 0 : _momentum), fresh = TSimd.Broadcast(update.Step == 0 ? 1 : (float)(1 - Dampening)), mu = TSimd.Broadcast(_momentum);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = TSimd.Fma(weight, decay, TSimd.Multiply(TSimd.Load(g + i), scale));
            if (Momentum != 0)
            {
                var buffer = TSimd.Fma(TSimd.Load(b + i), memory, TSimd.Multiply(gradient, fresh));
                TSimd.Store(buffer, b + i);
                gradient = Nesterov ? TSimd.Fma(buffer, mu, gradient) : buffer;
            }
            TSimd.Store(TSimd.Fma(gradient, rate, weight), w + i);
        }
    }
}
