namespace Attune.Engines.Dense.Operators;

/// <summary>Columns of several values side by side.</summary>
internal sealed unsafe class ConcatOperator(string name, DenseValue[] inputs, DenseValue output) : DenseOperator(name, inputs, output, [])
{
    public override void Forward(DenseContext context, int shard, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            var to = Output.Data + (long)row * Output.Stride;
            foreach (var x in Inputs)
            {
                new ReadOnlySpan<float>(x.Data + (long)row * x.Stride, x.Width).CopyTo(new Span<float>(to, x.Width));
                to += x.Width;
            }
        }
    }

    public override void Backward(DenseContext context, int shard, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            var dy = Output.Gradient + (long)row * Output.Stride;
            for (var i = 0; i < Inputs.Length; i++)
            {
                var x = Inputs[i];
                if (x.NeedsGradient)
                {
                    var dx = x.Gradient + (long)row * x.Stride;
                    if (AddsInput[i])
                    {
                        for (var c = 0; c < x.Width; c++) dx[c] += dy[c];
                    }
                    else new ReadOnlySpan<float>(dy, x.Width).CopyTo(new Span<float>(dx, x.Width));
                }
                dy += x.Width;
            }
        }
    }
}
