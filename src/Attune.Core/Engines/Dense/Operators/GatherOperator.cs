using Attune.Randomness;

namespace Attune.Engines.Dense.Operators;

/// <summary>
/// y[r, ·] = table[index[r], ·]. The table's gradient is kept as rows beside the flat buffer; one worker adds all rows in order, so that the bits do not
/// depend on the threads. In training, noise in ±<paramref name="noise"/> may be added (<see cref="CompileOptions.NeftuneAlpha"/>), from the stream of the node.
/// </summary>
internal sealed unsafe class GatherOperator(string name, DenseValue indices, DenseValue output, DenseParameter table, float noise) : DenseOperator(name, [indices], output, [table])
{
    private readonly ulong _stream = Philox.Stream(name);

    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            var index = indices.Indices[row];
            if ((uint)index >= (uint)table.Rows)
            {
                throw new ArgumentException($"Input '{indices.Name}': the index of row {row} of the batch is {index}; table '{table.Name}' has {table.Rows} rows. " +
                    "Map unknown categories to the table's unknown row before encoding.");
            }
            new ReadOnlySpan<float>(table.Data + (long)index * Output.Width, Output.Width).CopyTo(new Span<float>(Output.Data + (long)row * Output.Stride, Output.Width));
        }
        if (noise == 0 || !context.IsRandom) return;
        var philox = new Philox(context.Seed, _stream, context.Position.Step, context.Position.Index);
        for (var row = start; row < end; row++) philox.AddNoise((ulong)row * (ulong)Output.Width, noise, new Span<float>(Output.Data + (long)row * Output.Stride, Output.Width));
    }

    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        if (table.Sparse is not { } sparse) return;
        context.Barrier();
        if (shard != 0) return;
        for (var row = 0; row < context.Rows; row++)
        {
            var sum = sparse.Touch(indices.Indices[row]);
            var dy = Output.Gradient + (long)row * Output.Stride;
            for (var c = 0; c < sum.Length; c++) sum[c] += dy[c];
        }
    }
}
