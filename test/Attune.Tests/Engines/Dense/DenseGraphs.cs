using Attune.Encoding;
using Attune.Graphs;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Tests.Engines.Dense;

/// <summary>Small graphs and sets with seeded numbers.</summary>
internal static class DenseGraphs
{
    public static float[] Numbers(string name, int count, float scale = 1)
    {
        var random = new Philox(11, name);
        return [.. Enumerable.Range(0, count).Select(i => scale * (float)random.Normal((ulong)i))];
    }

    public static Value Linear(GraphBuilder g, Value x, string prefix, int inputs, int outputs)
    {
        g.Weight(prefix + ".weight", Tensor.Of(Numbers(prefix + "w", inputs * outputs, 1 / MathF.Sqrt(inputs)), outputs, inputs));
        g.Weight(prefix + ".bias", Tensor.Of(Numbers(prefix + "b", outputs, 0.3f), outputs));
        return g.Linear(x, prefix);
    }

    public static void Norm(GraphBuilder g, string prefix, int width, bool buffers)
    {
        g.Weight(prefix + ".weight", Tensor.Of([.. Numbers(prefix + "w", width, 0.2f).Select(v => v + 1)], width));
        g.Weight(prefix + ".bias", Tensor.Of(Numbers(prefix + "b", width, 0.2f), width));
        if (!buffers) return;
        g.Weight(prefix + ".running_mean", Tensor.Of(Numbers(prefix + "m", width, 0.2f), width), WeightRole.Buffer);
        g.Weight(prefix + ".running_var", Tensor.Of([.. Numbers(prefix + "v", width, 0.2f).Select(v => v * v + 0.5f)], width), WeightRole.Buffer);
    }

    /// <summary>Builds x [B, width] → outputs [B, outputs] with the middle given.</summary>
    public static Graph Build(int width, int outputs, Func<GraphBuilder, Value, Value> body)
    {
        var g = new GraphBuilder("test");
        var x = g.Input("x", DataType.Float, new Shape("B", width));
        g.Output(body(g, x), "y", DataType.Float, new Shape("B", outputs));
        return g.Build();
    }

    /// <summary>A graph with everything in it: embeddings, concatenation, residual, norms, dropout, activations.</summary>
    public static Graph Mixed(float dropout = 0.3f)
    {
        var g = new GraphBuilder("mixed");
        var x = g.Input("x", DataType.Float, new Shape("B", 7));
        var c = g.Input("c", DataType.Int64, new Shape("B"));
        g.Weight("table", Tensor.Of(Numbers("table", 9 * 5), 9, 5));
        var h = g.Concat([x, g.Embedding(c, "table")], -1);
        h = g.Relu(Linear(g, h, "in", 12, 20));
        Norm(g, "bn", 20, buffers: true);
        var r = g.Dropout(g.BatchNorm(h, "bn"), dropout);
        h = g.Add(h, g.Silu(Linear(g, r, "block", 20, 20)));
        Norm(g, "ln", 20, buffers: false);
        h = g.Gelu(g.LayerNorm(h, "ln"));
        g.Output(Linear(g, h, "out", 20, 3), "y", DataType.Float, new Shape("B", 3));
        return g.Build();
    }

    public static EncodedSet Set(int rows, int width, int outputs) => new(rows, [new FloatInput("x", width, Numbers("x", rows * width))], Targets.Real(Numbers("t", rows * outputs), outputs));

    public static EncodedSet MixedSet(int rows, bool classes = false) => new(rows,
        [new FloatInput("x", 7, Numbers("x", rows * 7)), new IndexInput("c", 1, [.. Enumerable.Range(0, rows).Select(i => i * 5 % 8)])],
        classes ? Targets.Classes([.. Enumerable.Range(0, rows).Select(i => i * 7 % 3)]) : Targets.Real(Numbers("t", rows * 3), 3));

    public static int[] Rows(int count, int start = 0) => [.. Enumerable.Range(start, count)];
}
