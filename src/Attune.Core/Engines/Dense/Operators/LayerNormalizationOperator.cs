using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>Layer normalisation of each row (Ba et al. 2016, arXiv:1607.06450, equation 4), with the biased variance.</summary>
internal sealed unsafe class LayerNormalizationOperator<TSimd, TVector>(string name, DenseValue x, DenseValue output, DenseParameter gamma, DenseParameter? beta, float epsilon)
    : DenseOperator(name, [x], output, beta is null ? [gamma] : [gamma, beta]) where TSimd : struct, ISimd<TVector> where TVector : struct
{
    private float* _mean, _inverse;   // [rows]
    private float* _lanes, _zero;     // [Stride]: 1 for columns, 0 for padding; zeros for an absent beta
    private float* _sums;             // [threads, 2 · Stride]

    public override void Allocate(DenseMemory memory, int maxRows, int threads)
    {
        _mean = memory.Floats(maxRows);
        _inverse = memory.Floats(maxRows);
        _lanes = memory.Floats(Output.Stride);
        new Span<float>(_lanes, Output.Width).Fill(1);
        _zero = memory.Floats(Output.Stride);
        _sums = memory.Floats(2L * threads * Output.Stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        var shift = beta is null ? _zero : beta.Data;
        for (var row = start; row < end; row++)
        {
            float* from = x.Data + (long)row * x.Stride, to = Output.Data + (long)row * Output.Stride;
            var total = TSimd.Zero;
            for (var c = 0; c < Output.Stride; c += TSimd.Count) total = TSimd.Add(total, TSimd.Load(from + c));
            var mean = TSimd.Sum(total) / Output.Width;
            TVector middle = TSimd.Broadcast(mean), squares = TSimd.Zero;
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                var distance = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + c), middle), TSimd.Load(_lanes + c));
                squares = TSimd.Fma(distance, distance, squares);
            }
            var inverse = 1 / MathF.Sqrt(TSimd.Sum(squares) / Output.Width + epsilon);
            (_mean[row], _inverse[row]) = (mean, inverse);
            var factor = TSimd.Broadcast(inverse);
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + c), middle), factor);
                TSimd.Store(TSimd.Fma(normal, TSimd.Load(gamma.Data + c), TSimd.Load(shift + c)), to + c);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        float* dGamma = _sums + 2L * shard * Output.Stride, dBeta = dGamma + Output.Stride;
        new Span<float>(dGamma, 2 * Output.Stride).Clear();
        for (var row = start; row < end; row++)
        {
            float* from = x.Data + (long)row * x.Stride, dy = Output.Gradient + (long)row * Output.Stride;
            TVector middle = TSimd.Broadcast(_mean[row]), factor = TSimd.Broadcast(_inverse[row]), total = TSimd.Zero, weighted = TSimd.Zero;
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                var d = TSimd.Load(dy + c);
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + c), middle), factor);
                TSimd.Store(TSimd.Fma(d, normal, TSimd.Load(dGamma + c)), dGamma + c);
                TSimd.Store(TSimd.Add(d, TSimd.Load(dBeta + c)), dBeta + c);
                var scaled = TSimd.Multiply(d, TSimd.Load(gamma.Data + c));
                total = TSimd.Add(total, scaled);
                weighted = TSimd.Fma(scaled, normal, weighted);
            }
            if (!x.NeedsGradient) continue;
            var dx = x.Gradient + (long)row * x.Stride;
            TVector a = TSimd.Broadcast(TSimd.Sum(total) / Output.Width), b = TSimd.Broadcast(TSimd.Sum(weighted) / Output.Width);
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + c), middle), factor);
                var d = TSimd.Subtract(TSimd.Subtract(TSimd.Multiply(TSimd.Load(dy + c), TSimd.Load(gamma.Data + c)), a), TSimd.Multiply(normal, b));
                d = TSimd.Multiply(TSimd.Multiply(d, factor), TSimd.Load(_lanes + c));
                TSimd.Store(AddsInput[0] ? TSimd.Add(TSimd.Load(dx + c), d) : d, dx + c);
            }
        }
        if (Gradient(context, shard, 0) is var g && g is not null) DenseKernel<TSimd, TVector>.Copy(dGamma, g, Output.Stride, Adds(context, shard, 0));
        if (beta is not null && Gradient(context, shard, 1) is var h && h is not null) DenseKernel<TSimd, TVector>.Copy(dBeta, h, Output.Stride, Adds(context, shard, 1));
    }
}
