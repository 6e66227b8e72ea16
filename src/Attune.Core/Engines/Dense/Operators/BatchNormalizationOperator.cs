using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>
/// Batch normalisation over the rows (Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1), with torch's semantics: the batch is normalised by its
/// biased variance, the running variance takes the unbiased one, and running ← ρ·running + (1 - ρ)·batch with ONNX's momentum ρ (0.9 = torch's 0.1).
/// Statistics are those of the whole micro-batch, whatever the threads. A micro-batch of one row has no variance: it is normalised by the running
/// statistics, which it leaves as they are (torch refuses it).
/// </summary>
internal sealed unsafe class BatchNormalizationOperator<TSimd, TVector>(
    string name, DenseValue x, DenseValue output, DenseParameter gamma, DenseParameter beta, DenseParameter mean, DenseParameter variance, float epsilon, float momentum, bool frozen)
    : DenseOperator(name, [x], output, [gamma, beta]) where TSimd : struct, ISimd<TVector> where TVector : struct
{
    // [threads, Stride] each: every worker keeps its own copy of the statistics, computed from all partial sums in one order.
    private float* _mean, _inverse, _partial, _partial2;

    public override void Allocate(DenseMemory memory, int maxRows, int threads)
    {
        var length = (long)threads * Output.Stride;
        _mean = memory.Floats(length);
        _inverse = memory.Floats(length);
        _partial = memory.Floats(length);
        _partial2 = memory.Floats(length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        float* center = _mean + (long)shard * Output.Stride, inverse = _inverse + (long)shard * Output.Stride;
        if (UsesBatch(context)) BatchStatistics(context, shard, start, end, center, inverse);
        else
        {
            for (var c = 0; c < Output.Width; c++) (center[c], inverse[c]) = (mean.Data[c], 1 / MathF.Sqrt(variance.Data[c] + epsilon));
        }
        for (var row = start; row < end; row++)
        {
            float* from = x.Data + (long)row * x.Stride, to = Output.Data + (long)row * Output.Stride;
            for (var c = 0; c < Output.Stride; c += TSimd.Count)
            {
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + c), TSimd.Load(center + c)), TSimd.Load(inverse + c));
                TSimd.Store(TSimd.Fma(normal, TSimd.Load(gamma.Data + c), TSimd.Load(beta.Data + c)), to + c);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        float* center = _mean + (long)shard * Output.Stride, inverse = _inverse + (long)shard * Output.Stride;
        float* sum = _partial + (long)shard * Output.Stride, product = _partial2 + (long)shard * Output.Stride;
        var batch = UsesBatch(context);
        if (batch) context.Barrier();   // the forward pass of a slower worker may still read the partial sums
        for (var c = 0; c < Output.Stride; c += TSimd.Count)
        {
            TVector total = TSimd.Zero, weighted = TSimd.Zero, middle = TSimd.Load(center + c), factor = TSimd.Load(inverse + c);
            for (var row = start; row < end; row++)
            {
                var dy = TSimd.Load(Output.Gradient + (long)row * Output.Stride + c);
                total = TSimd.Add(total, dy);
                weighted = TSimd.Fma(dy, TSimd.Multiply(TSimd.Subtract(TSimd.Load(x.Data + (long)row * x.Stride + c), middle), factor), weighted);
            }
            TSimd.Store(total, sum + c);
            TSimd.Store(weighted, product + c);
        }
        if (Gradient(context, shard, 0) is var dGamma && dGamma is not null) DenseKernel<TSimd, TVector>.Copy(product, dGamma, Output.Stride, Adds(context, shard, 0));
        if (Gradient(context, shard, 1) is var dBeta && dBeta is not null) DenseKernel<TSimd, TVector>.Copy(sum, dBeta, Output.Stride, Adds(context, shard, 1));
        if (batch) context.Barrier();
        if (!x.NeedsGradient) return;
        var share = TSimd.Broadcast(batch ? 1f / context.Rows : 0);
        for (var c = 0; c < Output.Stride; c += TSimd.Count)
        {
            TVector total = TSimd.Zero, weighted = TSimd.Zero, middle = TSimd.Load(center + c), factor = TSimd.Load(inverse + c);
            for (var s = 0; s < context.Shards; s++)
            {
                total = TSimd.Add(total, TSimd.Load(_partial + (long)s * Output.Stride + c));
                weighted = TSimd.Add(weighted, TSimd.Load(_partial2 + (long)s * Output.Stride + c));
            }
            total = TSimd.Multiply(total, share);
            weighted = TSimd.Multiply(weighted, share);
            var scale = TSimd.Multiply(TSimd.Load(gamma.Data + c), factor);
            for (var row = start; row < end; row++)
            {
                var normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(x.Data + (long)row * x.Stride + c), middle), factor);
                var d = TSimd.Subtract(TSimd.Subtract(TSimd.Load(Output.Gradient + (long)row * Output.Stride + c), total), TSimd.Multiply(normal, weighted));
                var dx = x.Gradient + (long)row * x.Stride + c;
                TSimd.Store(TSimd.Fma(d, scale, AddsInput[0] ? TSimd.Load(dx) : TSimd.Zero), dx);
            }
        }
    }

    private bool UsesBatch(DenseContext context) => context.IsRandom && !frozen && context.Rows > 1;

    // Two passes: the mean, then the squared distances from it.
    private void BatchStatistics(DenseContext context, int shard, int start, int end, float* center, float* inverse)
    {
        context.Barrier();   // the last pass of a slower worker may still read the partial sums
        DenseKernel<TSimd, TVector>.ColumnSums(x.Data + (long)start * x.Stride, x.Stride, end - start, _partial + (long)shard * Output.Stride, 1, add: false);
        context.Barrier();
        for (var c = 0; c < Output.Stride; c++)
        {
            var total = 0f;
            for (var s = 0; s < context.Shards; s++) total += _partial[(long)s * Output.Stride + c];
            center[c] = total / context.Rows;
        }
        for (var c = 0; c < Output.Stride; c += TSimd.Count)
        {
            TVector squares = TSimd.Zero, middle = TSimd.Load(center + c);
            for (var row = start; row < end; row++)
            {
                var distance = TSimd.Subtract(TSimd.Load(x.Data + (long)row * x.Stride + c), middle);
                squares = TSimd.Fma(distance, distance, squares);
            }
            TSimd.Store(squares, _partial2 + (long)shard * Output.Stride + c);
        }
        context.Barrier();
        for (var c = 0; c < Output.Width; c++)
        {
            var total = 0f;
            for (var s = 0; s < context.Shards; s++) total += _partial2[(long)s * Output.Stride + c];
            inverse[c] = 1 / MathF.Sqrt(total / context.Rows + epsilon);
            if (shard != 0) continue;
            mean.Data[c] = momentum * mean.Data[c] + (1 - momentum) * center[c];
            variance.Data[c] = momentum * variance.Data[c] + (1 - momentum) * (total / (context.Rows - 1));
        }
    }
}
