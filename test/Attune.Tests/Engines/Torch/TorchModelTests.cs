using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Tests.Engines.Torch;

public sealed class TorchModelTests
{
    [Fact]
    public void Gradients_of_a_convolutional_network_equal_finite_differences()
    {
        var graph = ConvNet();
        var set = Images(6);
        int[] rows = [0, 1, 2, 3, 4, 5];
        using var model = TorchCompiler.Compile(graph, new CompileOptions { Trainable = All(graph) });
        var loss = LossCatalog.Create("cross-entropy", new LossOptions());
        model.Accumulate(set, rows, loss, 6, new MicroStep(0, 0, TrainingMode.Deterministic));
        foreach (var trainable in model.Trainable)
        {
            var gradient = new float[graph.Weights[trainable.Name].Count];
            model.ReadGradient(trainable.Name, gradient);
            var weight = new float[gradient.Length];
            model.ReadWeight(trainable.Name, weight);
            for (var i = 0; i < weight.Length; i += Math.Max(1, weight.Length / 5))
            {
                const float h = 2e-3f;
                var numeric = (Loss(weight, i, h) - Loss(weight, i, -h)) / (2 * h);
                Assert.Equal(numeric, gradient[i], 5e-3 * Math.Max(1, Math.Abs(numeric)));
            }

            double Loss(float[] values, int index, float change)
            {
                var moved = values.ToArray();
                moved[index] += change;
                model.WriteWeight(trainable.Name, moved);
                var outputs = new float[rows.Length * 3];
                model.Predict(set, rows, outputs);
                model.WriteWeight(trainable.Name, values);
                return loss.Sum(outputs, 3, new LossTargets { Labels = set.Targets!.Labels, ValueWidth = 1, Rows = 6 }, [], 1) / 6;
            }
        }
    }

    internal static List<TrainableWeight> All(Graph graph) => [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))];

    internal static EncodedSet Images(int rows, int channels = 3, int size = 8, int classes = 3)
    {
        var width = channels * size * size;
        var stream = new Philox(7, "images");
        var values = new float[rows * width];
        for (var i = 0; i < values.Length; i++) values[i] = (float)stream.Normal((ulong)i);
        var labels = new int[rows];
        for (var i = 0; i < rows; i++) labels[i] = i % classes;
        return new EncodedSet(rows, [new FloatInput("x", width, values)], Targets.Classes(labels));
    }

    /// <summary>Conv → BatchNorm → Relu → MaxPool → Conv (groups) → mean → Gemm.</summary>
    internal static Graph ConvNet(int size = 8)
    {
        var g = new GraphBuilder("convnet");
        var x = g.Input("x", DataType.Float, new Shape("B", 3, size, size));
        g.Weight("conv1.weight", Random("conv1.weight", 8, 3, 3, 3));
        g.Weight("conv1.bias", Random("conv1.bias", 8));
        var y = g.Node("Conv", [x, new("conv1.weight"), new("conv1.bias")], Attributes.Of(("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 })));
        foreach (var (name, value) in new[] { ("weight", 1f), ("bias", 0.1f) }) g.Weight($"bn1.{name}", Tensor.Of(Enumerable.Repeat(value, 8).ToArray(), 8));
        g.Weight("bn1.running_mean", Tensor.Of(new float[8], 8), WeightRole.Buffer);
        g.Weight("bn1.running_var", Tensor.Of(Enumerable.Repeat(1f, 8).ToArray(), 8), WeightRole.Buffer);
        y = g.Relu(g.BatchNorm(y, "bn1"));
        y = g.Node("MaxPool", [y], Attributes.Of(("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })));
        g.Weight("conv2.weight", Random("conv2.weight", 8, 4, 3, 3));
        y = g.Node("Conv", [y, new("conv2.weight")], Attributes.Of(("kernel_shape", new long[] { 3, 3 }), ("group", 2L), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 0, 1, 1, 2 })));
        y = g.Node("Flatten", [g.Node("GlobalAveragePool", [g.Relu(y)])]);
        g.Weight("fc.weight", Random("fc.weight", 3, 8));
        g.Weight("fc.bias", Random("fc.bias", 3));
        g.Output(g.Linear(y, "fc"), "logits", DataType.Float, new Shape("B", 3));
        return g.Build();
    }

    private static Tensor Random(string name, params long[] sizes)
    {
        var stream = new Philox(3, name);
        var values = new float[Tensor.Product(sizes)];
        for (var i = 0; i < values.Length; i++) values[i] = 0.3f * (float)stream.Normal((ulong)i);
        return Tensor.Of(values, sizes);
    }
}
