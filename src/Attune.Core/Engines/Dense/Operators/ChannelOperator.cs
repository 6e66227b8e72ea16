using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>x ∘ w or w ∘ x with one weight per column, or one for all.</summary>
internal sealed unsafe class ChannelOperator<TSimd, TVector>(string name, ArithmeticKind kind, DenseValue x, DenseValue output, DenseParameter w, bool weightFirst) : DenseOperator(name, [x], output, [w])
    where TSimd : struct, ISimd<TVector> where TVector : struct
{
    private float* _weights, _scratch;

    public override void Allocate(DenseMemory memory, int maxRows, int threads)
    {
        _weights = memory.Floats(Output.Stride);
        _scratch = memory.Floats((long)threads * Output.Stride);
    }

    public override void Prepare(DenseContext context, bool backward)
    {
        // Padding divides by 1, so that it stays 0.
        for (var i = 0; i < Output.Stride; i++) _weights[i] = i >= Output.Width ? (kind == ArithmeticKind.Divide && !weightFirst ? 1 : 0) : w.Data[w.Count == 1 ? 0 : i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            float* from = x.Data + (long)row * x.Stride, to = Output.Data + (long)row * Output.Stride;
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                TVector value = TSimd.Load(from + c), weight = TSimd.Load(_weights + c);
                TSimd.Store(weightFirst ? Apply(weight, value) : Apply(value, weight), to + c);
            }
        }
        if (kind == ArithmeticKind.Divide && weightFirst) Output.ClearPadding(Output.Data, start, end);
    }

    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        if (x.NeedsGradient) InputGradient(start, end);
        var dw = Gradient(context, shard, 0);
        if (dw is null) return;
        var sums = _scratch + (long)shard * Output.Stride;
        WeightGradient(sums, start, end);
        var add = Adds(context, shard, 0);
        if (w.Count > 1 || Output.Width == 1) DenseKernel<TSimd, TVector>.Copy(sums, dw, Output.Stride, add);
        else
        {
            double total = 0;
            for (var c = 0; c < Output.Width; c++) total += sums[c];
            dw[0] = add ? dw[0] + (float)total : (float)total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InputGradient(int start, int end)
    {
        var add = AddsInput[0];
        for (var row = start; row < end; row++)
        {
            float* from = x.Data + (long)row * x.Stride, dy = Output.Gradient + (long)row * Output.Stride, dx = x.Gradient + (long)row * x.Stride;
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                TVector d = TSimd.Load(dy + c), weight = TSimd.Load(_weights + c);
                if (kind == ArithmeticKind.Multiply) d = TSimd.Multiply(d, weight);
                else if (kind == ArithmeticKind.Subtract && weightFirst) d = TSimd.Subtract(TSimd.Zero, d);
                else if (kind == ArithmeticKind.Divide && !weightFirst) d = TSimd.Divide(d, weight);
                else if (kind == ArithmeticKind.Divide)
                {
                    var value = TSimd.Load(from + c);
                    d = TSimd.Subtract(TSimd.Zero, TSimd.Divide(TSimd.Multiply(d, weight), TSimd.Multiply(value, value)));
                }
                TSimd.Store(add ? TSimd.Add(TSimd.Load(dx + c), d) : d, dx + c);
            }
        }
        if (kind == ArithmeticKind.Divide && weightFirst) x.ClearPadding(x.Gradient, start, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WeightGradient(float* sums, int start, int end)
    {
        for (var c = 0; c < Output.Stride; c += TSimd.Count)
        {
            TVector total = TSimd.Zero, weight = TSimd.Load(_weights + c);
            for (var row = start; row < end; row++)
            {
                TVector d = TSimd.Load(Output.Gradient + (long)row * Output.Stride + c), value = TSimd.Load(x.Data + (long)row * x.Stride + c);
                if (kind == ArithmeticKind.Multiply) d = TSimd.Multiply(d, value);
                else if (kind == ArithmeticKind.Subtract && !weightFirst) d = TSimd.Subtract(TSimd.Zero, d);
                else if (kind == ArithmeticKind.Divide && weightFirst) d = TSimd.Divide(d, value);
                else if (kind == ArithmeticKind.Divide) d = TSimd.Subtract(TSimd.Zero, TSimd.Divide(TSimd.Multiply(d, value), TSimd.Multiply(weight, weight)));
                total = TSimd.Add(total, d);
            }
            TSimd.Store(total, sums + c);
        }
        for (var c = Output.Width; c < Output.Stride; c++) sums[c] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Apply(TVector a, TVector b) => kind switch
    {
        ArithmeticKind.Add => TSimd.Add(a, b),
        ArithmeticKind.Subtract => TSimd.Subtract(a, b),
        ArithmeticKind.Multiply => TSimd.Multiply(a, b),
        _ => TSimd.Divide(a, b),
    };
}
