using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>y = f(x), element by element.</summary>
internal sealed unsafe class UnaryOperator<TSimd, TVector, TFunction>(string name, DenseValue x, DenseValue output, float alpha) : DenseOperator(name, [x], output, [])
    where TSimd : struct, ISimd<TVector> where TVector : struct where TFunction : struct, IUnaryFunction<TSimd, TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        var parameter = TSimd.Broadcast(alpha);
        float* from = x.Data + (long)start * x.Stride, to = Output.Data + (long)start * Output.Stride;
        var count = (long)(end - start) * x.Stride;
        for (long i = 0; i < count; i += TSimd.Count) TSimd.Store(TFunction.Value(TSimd.Load(from + i), parameter), to + i);
        if (!TFunction.KeepsZero) Output.ClearPadding(Output.Data, start, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        if (!x.NeedsGradient) return;
        var parameter = TSimd.Broadcast(alpha);
        var offset = (long)start * x.Stride;
        float* inputs = x.Data + offset, outputs = Output.Data + offset, dy = Output.Gradient + offset, dx = x.Gradient + offset;
        var count = (long)(end - start) * x.Stride;
        var add = AddsInput[0];
        for (long i = 0; i < count; i += TSimd.Count)
        {
            var slope = TFunction.Slope(TSimd.Load(inputs + i), TSimd.Load(outputs + i), parameter);
            TSimd.Store(TSimd.Fma(slope, TSimd.Load(dy + i), add ? TSimd.Load(dx + i) : TSimd.Zero), dx + i);
        }
    }
}
