using Attune.Numerics;
using Attune.Randomness;

namespace Attune.Engines.Dense.Operators;

/// <summary>
/// Zeroes an element when its number of the stream (seed, node, step, micro-step), element row · Width + column, lies below p, and scales the others by
/// 1/(1-p) (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html). Rows count from the start of the micro-batch, whatever the threads.
/// </summary>
internal sealed unsafe class DropoutOperator<TSimd, TVector>(string name, DenseValue x, DenseValue output, float probability) : DenseOperator(name, [x], output, [])
    where TSimd : struct, ISimd<TVector> where TVector : struct
{
    private readonly ulong _stream = Philox.Stream(name);
    private float* _factors;   // [rows, Stride]: 0 or 1/(1-p), padding 0

    public override void Allocate(DenseMemory memory, int maxRows, int threads) => _factors = memory.Floats((long)maxRows * Output.Stride);

    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        var offset = (long)start * Output.Stride;
        var count = (long)(end - start) * Output.Stride;
        if (!context.IsRandom)
        {
            DenseKernel<TSimd, TVector>.Copy(x.Data + offset, Output.Data + offset, count, add: false);
            return;
        }
        var philox = new Philox(context.Seed, _stream, context.Position.Step, context.Position.Index);
        var scale = probability < 1 ? 1 / (1 - probability) : 0;
        if (Output.Width == Output.Stride) philox.Keep((ulong)start * (ulong)Output.Width, count, probability, scale, _factors + offset);
        else
        {
            for (var row = start; row < end; row++) philox.Keep((ulong)row * (ulong)Output.Width, Output.Width, probability, scale, _factors + (long)row * Output.Stride);
        }
        for (long i = offset; i < offset + count; i += TSimd.Count) TSimd.Store(TSimd.Multiply(TSimd.Load(x.Data + i), TSimd.Load(_factors + i)), Output.Data + i);
    }

    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        if (!x.NeedsGradient) return;
        var offset = (long)start * Output.Stride;
        var count = (long)(end - start) * Output.Stride;
        if (!context.IsRandom)
        {
            DenseKernel<TSimd, TVector>.Copy(Output.Gradient + offset, x.Gradient + offset, count, AddsInput[0]);
            return;
        }
        for (long i = offset; i < offset + count; i += TSimd.Count)
        {
            var d = TSimd.Multiply(TSimd.Load(Output.Gradient + i), TSimd.Load(_factors + i));
            TSimd.Store(AddsInput[0] ? TSimd.Add(TSimd.Load(x.Gradient + i), d) : d, x.Gradient + i);
        }
    }
}
