using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>Softmax of each row. Train on the logits before it: a softmax under a cross-entropy flattens its gradient.</summary>
internal sealed unsafe class SoftmaxOperator<TSimd, TVector>(string name, DenseValue x, DenseValue output) : DenseOperator(name, [x], output, [])
    where TSimd : struct, ISimd<TVector> where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            float* from = x.Data + (long)row * x.Stride, to = Output.Data + (long)row * Output.Stride;
            var max = float.NegativeInfinity;
            for (var c = 0; c < Output.Width; c++) max = MathF.Max(max, from[c]);
            TVector shift = TSimd.Broadcast(max), total = TSimd.Zero;
            for (var c = 0; c < Output.Stride; c += TSimd.Count) TSimd.Store(VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Load(from + c), shift)), to + c);
            for (var c = Output.Width; c < Output.Stride; c++) to[c] = 0;
            for (var c = 0; c < Output.Stride; c += TSimd.Count) total = TSimd.Add(total, TSimd.Load(to + c));
            var sum = TSimd.Broadcast(TSimd.Sum(total));
            for (var c = 0; c < Output.Stride; c += TSimd.Count) TSimd.Store(TSimd.Divide(TSimd.Load(to + c), sum), to + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        if (!x.NeedsGradient) return;
        for (var row = start; row < end; row++)
        {
            float* p = Output.Data + (long)row * Output.Stride, dy = Output.Gradient + (long)row * Output.Stride, dx = x.Gradient + (long)row * x.Stride;
            var total = TSimd.Zero;
            for (var c = 0; c < Output.Stride; c += TSimd.Count) total = TSimd.Fma(TSimd.Load(p + c), TSimd.Load(dy + c), total);
            var mean = TSimd.Broadcast(TSimd.Sum(total));
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                var d = TSimd.Multiply(TSimd.Load(p + c), TSimd.Subtract(TSimd.Load(dy + c), mean));
                TSimd.Store(AddsInput[0] ? TSimd.Add(TSimd.Load(dx + c), d) : d, dx + c);
            }
        }
    }
}
