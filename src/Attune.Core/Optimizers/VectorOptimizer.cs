using System.Runtime.Intrinsics;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>An element-wise rule as one pass of vector code over weights, gradients and states. What is left over at the end of a range goes through the same code, so that a split never shows in the bits.</summary>
public abstract class VectorOptimizer : Optimizer
{
    private const int Lanes = 16;

    private protected VectorOptimizer() { }

    /// <summary>Updates whole vectors; unused states are null.</summary>
    internal abstract unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
        where TSimd : struct, ISimd<TVector> where TVector : struct;

    /// <inheritdoc/>
    public sealed override unsafe void Update(Span<float> weights, ReadOnlySpan<float> gradients, in OptimizerState state, in UpdateStep update)
    {
        CheckLengths(weights.Length, gradients.Length, state);
        var states = StateCount;
        fixed (float* w = weights, g = gradients, s1 = state.First, s2 = state.Second, s3 = state.Third, s4 = state.Fourth)
        {
            float* a = states > 0 ? s1 : null, b = states > 1 ? s2 : null, c = states > 2 ? s3 : null, d = states > 3 ? s4 : null;
            if (Vector512.IsHardwareAccelerated) Run<Simd512, Vector512<float>>(w, g, a, b, c, d, weights.Length, update);
            else if (Vector256.IsHardwareAccelerated) Run<Simd256, Vector256<float>>(w, g, a, b, c, d, weights.Length, update);
            else Run<Simd128, Vector128<float>>(w, g, a, b, c, d, weights.Length, update);
        }
    }

    private unsafe void Run<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
        where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        var whole = count - count % TSimd.Count;
        if (whole > 0) Body<TSimd, TVector>(w, g, s1, s2, s3, s4, whole, update);
        var rest = count - whole;
        if (rest == 0) return;
        var buffer = stackalloc float[6 * Lanes];
        new Span<float>(buffer, 6 * Lanes).Clear();
        Copy(w + whole, buffer, rest);
        Copy(g + whole, buffer + Lanes, rest);
        float* t1 = Tail(s1, buffer + 2 * Lanes), t2 = Tail(s2, buffer + 3 * Lanes), t3 = Tail(s3, buffer + 4 * Lanes), t4 = Tail(s4, buffer + 5 * Lanes);
        Body<TSimd, TVector>(buffer, buffer + Lanes, t1, t2, t3, t4, TSimd.Count, update);
        Copy(buffer, w + whole, rest);
        Back(t1, s1);
        Back(t2, s2);
        Back(t3, s3);
        Back(t4, s4);

        float* Tail(float* state, float* place)
        {
            if (state is null) return null;
            Copy(state + whole, place, rest);
            return place;
        }

        void Back(float* place, float* state)
        {
            if (state is not null) Copy(place, state + whole, rest);
        }
    }

    private static unsafe void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    /// <summary>The gradient as the rule reads it: scaled, with L2 decay added.</summary>
    private protected static unsafe TVector Gradient<TSimd, TVector>(float* g, TVector weight, TVector scale, TVector l2) where TSimd : struct, ISimd<TVector> where TVector : struct
        => TSimd.Fma(weight, l2, TSimd.Multiply(TSimd.Load(g), scale));

    /// <summary>a + share · (b - a).</summary>
    private protected static TVector Lerp<TSimd, TVector>(TVector a, TVector b, TVector share) where TSimd : struct, ISimd<TVector> where TVector : struct
        => TSimd.Fma(TSimd.Subtract(b, a), share, a);

    /// <summary>Averages that die away would end as denormals, on which a step takes three times as long; NaN stays.</summary>
    private protected static TVector Settle<TSimd, TVector>(TVector average) where TSimd : struct, ISimd<TVector> where TVector : struct
        => TSimd.Select(TSimd.Greater(TSimd.Broadcast(1e-34f), TSimd.Abs(average)), TSimd.Zero, average);
}
