using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>a ∘ b of two values of one shape.</summary>
internal sealed unsafe class BinaryOperator<TSimd, TVector>(string name, ArithmeticKind kind, DenseValue a, DenseValue b, DenseValue output) : DenseOperator(name, [a, b], output, [])
    where TSimd : struct, ISimd<TVector> where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        var offset = (long)start * Output.Stride;
        float* p = a.Data + offset, q = b.Data + offset, to = Output.Data + offset;
        var count = (long)(end - start) * Output.Stride;
        switch (kind)
        {
            case ArithmeticKind.Add: for (long i = 0; i < count; i += TSimd.Count) TSimd.Store(TSimd.Add(TSimd.Load(p + i), TSimd.Load(q + i)), to + i); break;
            case ArithmeticKind.Subtract: for (long i = 0; i < count; i += TSimd.Count) TSimd.Store(TSimd.Subtract(TSimd.Load(p + i), TSimd.Load(q + i)), to + i); break;
            case ArithmeticKind.Multiply: for (long i = 0; i < count; i += TSimd.Count) TSimd.Store(TSimd.Multiply(TSimd.Load(p + i), TSimd.Load(q + i)), to + i); break;
            default:
                for (long i = 0; i < count; i += TSimd.Count) TSimd.Store(TSimd.Divide(TSimd.Load(p + i), TSimd.Load(q + i)), to + i);
                Output.ClearPadding(Output.Data, start, end);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        var offset = (long)start * Output.Stride;
        float* p = a.Data + offset, q = b.Data + offset, dy = Output.Gradient + offset;
        var count = (long)(end - start) * Output.Stride;
        if (a.NeedsGradient)
        {
            var da = a.Gradient + offset;
            for (long i = 0; i < count; i += TSimd.Count)
            {
                var d = TSimd.Load(dy + i);
                if (kind == ArithmeticKind.Multiply) d = TSimd.Multiply(d, TSimd.Load(q + i));
                if (kind == ArithmeticKind.Divide) d = TSimd.Divide(d, TSimd.Load(q + i));
                TSimd.Store(AddsInput[0] ? TSimd.Add(TSimd.Load(da + i), d) : d, da + i);
            }
            if (kind == ArithmeticKind.Divide) a.ClearPadding(a.Gradient, start, end);
        }
        if (!b.NeedsGradient) return;
        var db = b.Gradient + offset;
        for (long i = 0; i < count; i += TSimd.Count)
        {
            var d = TSimd.Load(dy + i);
            if (kind == ArithmeticKind.Subtract) d = TSimd.Subtract(TSimd.Zero, d);
            if (kind == ArithmeticKind.Multiply) d = TSimd.Multiply(d, TSimd.Load(p + i));
            if (kind == ArithmeticKind.Divide)
            {
                var divisor = TSimd.Load(q + i);
                d = TSimd.Subtract(TSimd.Zero, TSimd.Divide(TSimd.Multiply(d, TSimd.Load(p + i)), TSimd.Multiply(divisor, divisor)));
            }
            TSimd.Store(AddsInput[1] ? TSimd.Add(TSimd.Load(db + i), d) : d, db + i);
        }
        if (kind == ArithmeticKind.Divide) b.ClearPadding(b.Gradient, start, end);
    }
}
