using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Losses;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Engines.Dense;

/// <summary>Every operator's gradients against central differences, at every vector width.</summary>
public sealed class DenseGradientTests
{
    private static readonly Dictionary<string, Func<Graph>> Graphs = new()
    {
        ["gemm"] = () => Build(5, 3, (g, x) => Linear(g, x, "a", 5, 3)),
        ["gemm wide"] = () => Build(9, 70, (g, x) => Linear(g, x, "a", 9, 70)),
        ["wide input"] = () => Build(150, 70, (g, x) => g.Relu(Linear(g, x, "a", 150, 70))),
        ["gemm relu chain"] = () => Build(6, 2, (g, x) => Linear(g, g.Relu(Linear(g, g.Relu(Linear(g, x, "a", 6, 33)), "b", 33, 17)), "c", 17, 2)),
        ["gemm untransposed, alpha, beta"] = () => Build(5, 6, (g, x) =>
        {
            g.Weight("w", Tensor.Of(Numbers("w", 30), 5, 6));
            g.Weight("b", Tensor.Of(Numbers("b", 6), 1, 6));
            return g.Relu(g.Node("Gemm", [x, new("w"), new("b")], Attributes.Of(("alpha", 0.7f), ("beta", 1.3f))));
        }),
        ["matmul add"] = () => Build(5, 6, (g, x) => g.Add(g.Node("MatMul", [x, g.Weight("w", Tensor.Of(Numbers("w", 30), 5, 6))]), g.Weight("b", Tensor.Of(Numbers("b", 6), 6)))),
        ["one weight twice, both ways round"] = () => Build(6, 6, (g, x) =>
        {
            g.Weight("w", Tensor.Of(Numbers("w", 30, 0.4f), 5, 6));
            var h = g.Tanh(g.Node("Gemm", [x, new("w")], Attributes.Of(("transB", 1L))));
            return g.Node("Gemm", [h, new("w")]);
        }),
        ["one weight twice in a row"] = () => Build(6, 6, (g, x) =>
        {
            Linear(g, x, "a", 6, 6);
            return g.Linear(g.Tanh(g.Linear(x, "a")), "a");
        }),
        ["residual"] = () => Build(6, 6, (g, x) =>
        {
            var h = Linear(g, x, "a", 6, 6);
            return g.Add(h, g.Relu(Linear(g, h, "b", 6, 6)));
        }),
        ["product and quotient of values"] = () => Build(6, 6, (g, x) =>
        {
            Value a = Linear(g, x, "a", 6, 6), b = g.Sigmoid(Linear(g, x, "b", 6, 6));
            return g.Node("Sub", [g.Node("Div", [a, b]), g.Node("Mul", [a, b])]);
        }),
        ["square"] = () => Build(6, 6, (g, x) => Linear(g, x, "a", 6, 6) is var h ? g.Node("Mul", [h, h]) : default),
        ["channels"] = () => Build(6, 6, (g, x) =>
        {
            var h = Linear(g, x, "a", 6, 6);
            h = g.Node("Mul", [h, g.Weight("scale", Tensor.Of(Numbers("s", 6), 6))]);
            h = g.Node("Sub", [g.Weight("shift", Tensor.Of(Numbers("h", 6), 6)), h]);
            h = g.Node("Div", [h, g.Weight("divisor", Tensor.Of([1f, 2, -2, 1.5f, 3, -1], 6))]);
            return g.Node("Div", [g.Weight("one", Tensor.Of([2f])), g.Node("Add", [g.Sigmoid(h), g.Constant("half", Tensor.Of([0.5f]))])]);
        }),
        ["batch norm"] = () => Build(6, 5, (g, x) =>
        {
            Norm(g, "n", 5, buffers: true);
            return g.Tanh(g.BatchNorm(Linear(g, x, "a", 6, 5), "n"));
        }),
        ["layer norm"] = () => Build(6, 5, (g, x) =>
        {
            Norm(g, "n", 5, buffers: false);
            return g.Tanh(g.LayerNorm(Linear(g, x, "a", 6, 5), "n"));
        }),
        ["softmax"] = () => Build(6, 5, (g, x) => g.Node("Softmax", [Linear(g, x, "a", 6, 5)])),
        ["mixed"] = () => Mixed(),
    };

    static DenseGradientTests()
    {
        foreach (var op in (string[])["Elu", "Erf", "Gelu", "LeakyRelu", "Relu", "Sigmoid", "Tanh"])
            Graphs.Add(op, () => Build(6, 5, (g, x) => g.Node(op, [g.Add(Linear(g, x, "a", 6, 5), g.Constant("c", Tensor.Of([0.05f])))])));
        Graphs.Add("Gelu tanh", () => Build(6, 5, (g, x) => g.Gelu(Linear(g, x, "a", 6, 5), tanh: true)));
        Graphs.Add("Silu", () => Build(6, 5, (g, x) => g.Silu(Linear(g, x, "a", 6, 5))));
    }

    public static MatrixTheoryData<string, int> Cases => new(Graphs.Keys, [128, 256, 512]);

    [Theory, MemberData(nameof(Cases))]
    public void Agree_with_differences(string name, int bits)
    {
        const int rows = 11;
        var graph = Graphs[name]();
        var trainable = graph.Weights.All.Where(w => w.Role == Attune.Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name)).ToList();
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = trainable, MaxRows = 16, Seed = 5 }, bits);
        var width = (int)graph.Inputs[0].Shape![1].Size!.Value;
        var set = name == "mixed" ? MixedSet(rows) : Set(rows, width, model.OutputWidth);
        var loss = new MeanSquaredError();
        double Loss() => model.Accumulate(set, Rows(rows), loss, 1, new MicroStep(3, 1));
        foreach (var weight in trainable)
        {
            var values = new float[graph.Weights[weight.Name].Count];
            var gradient = new float[values.Length];
            model.ClearGradients();
            Loss();
            model.ReadGradient(weight.Name, gradient);
            model.ReadWeight(weight.Name, values);
            var largest = gradient.Max(Math.Abs);
            for (var i = 0; i < values.Length; i += 1 + values.Length / 23)
            {
                var x = values[i];
                const float step = 2e-3f;
                double At(float value)
                {
                    values[i] = value;
                    model.WriteWeight(weight.Name, values);
                    return Loss();
                }
                // Where a kink lies within the step, the slope is that of one side: it lies between the two.
                double up = At(x + step), down = At(x - step), middle = At(x);
                double right = (up - middle) / step, left = (middle - down) / step;
                var tolerance = 0.004 * largest + 3e-3;
                Assert.InRange(gradient[i], Math.Min(left, right) - tolerance, Math.Max(left, right) + tolerance);
            }
        }
    }

    [Fact]
    public void Widths_agree()
    {
        var results = new List<float[]>();
        foreach (var bits in (int[])[128, 256, 512])
        {
            var graph = Mixed();
            using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [new("in.weight"), new("table")], MaxRows = 64 }, bits);
            model.Accumulate(MixedSet(50), Rows(50), new MeanSquaredError(), 150, new MicroStep(0, 0));
            var gradient = new float[graph.Weights["in.weight"].Count];
            model.ReadGradient("in.weight", gradient);
            results.Add(gradient);
        }
        for (var i = 0; i < results[0].Length; i++)
        {
            Assert.Equal(results[0][i], results[1][i], 1e-5f);
            Assert.Equal(results[0][i], results[2][i], 1e-5f);
        }
    }
}
