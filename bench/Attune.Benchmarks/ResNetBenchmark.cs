using System.Diagnostics;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Randomness;

namespace Attune.Benchmarks;

/// <summary>
/// Training steps of a ResNet-18 at 224², batch 16, 1,000 classes, SGD with momentum, through the libtorch engine as a run uses it: <c>resnet18_full</c> in fp32,
/// <c>resnet18_full_bf16</c> with bf16 products.
/// </summary>
internal sealed class ResNetBenchmark : IBenchmark
{
    private const int Batch = 16;

    private readonly TorchModel _model;
    private readonly EncodedSet _set;
    private readonly int[] _rows = [.. Enumerable.Range(0, Batch)];
    private readonly Loss _loss = new CrossEntropy();
    private readonly Optimizer _optimizer = new Sgd(momentum: 0.9);
    private long _step;

    public ResNetBenchmark(string name, int threads)
    {
        var graph = Network();
        _model = TorchCompiler.Compile(graph, new CompileOptions
        {
            Trainable = [.. graph.Weights.All.Where(w => w.Role == Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))],
            MaxRows = Batch,
            Threads = threads,
            Precision = name.EndsWith("bf16", StringComparison.Ordinal) ? Precision.BFloat16 : Precision.Float32,
            GradientCheckpointing = name.Contains("checkpoint", StringComparison.Ordinal),
        });
        var pixels = new float[Batch * 3 * 224 * 224];
        var random = new Philox(1, "pixels");
        for (var i = 0; i < pixels.Length; i++) pixels[i] = 2 * random.Uniform((ulong)i) - 1;
        _set = new EncodedSet(Batch, [new FloatInput("pixel_values", 3 * 224 * 224, pixels)], Targets.Classes([.. Enumerable.Range(0, Batch).Select(i => i * 61)]));
    }

    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var last = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            last = _model.Accumulate(_set, _rows, _loss, Batch, new MicroStep(_step, 0)) / Batch;
            _model.Update(_optimizer, new UpdateStep(_step, 0.01, 0, 1));
            _step++;
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], last);
    }

    public void Dispose() => _model.Dispose();

    private static Graph Network()
    {
        var g = new GraphBuilder("resnet18");
        var x = g.Input("pixel_values", DataType.Float, new Shape("B", 3, 224, 224));
        x = g.Relu(Norm(g, Conv(g, x, "conv1", 3, 64, 7, 2), "bn1", 64));
        x = g.Node("MaxPool", [x], Attributes.Of(("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 })));
        var channels = 64;
        for (var stage = 0; stage < 4; stage++)
        {
            for (var block = 0; block < 2; block++)
            {
                var (width, stride, p) = (64 << stage, stage > 0 && block == 0 ? 2 : 1, $"layer{stage + 1}.{block}");
                var y = g.Relu(Norm(g, Conv(g, x, $"{p}.conv1", channels, width, 3, stride), $"{p}.bn1", width));
                y = Norm(g, Conv(g, y, $"{p}.conv2", width, width, 3, 1), $"{p}.bn2", width);
                var skip = stride == 1 ? x : Norm(g, Conv(g, x, $"{p}.downsample.0", channels, width, 1, stride), $"{p}.downsample.1", width);
                x = g.Relu(g.Add(y, skip));
                channels = width;
            }
        }
        x = g.Node("Flatten", [g.Node("GlobalAveragePool", [x])]);
        g.Weight("fc.weight", Draw("fc.weight", 512, 1000, 512));
        g.Weight("fc.bias", Tensor.Of(new float[1000], 1000));
        g.Output(g.Linear(x, "fc"), "logits", DataType.Float, new Shape("B", 1000));
        return g.Build();
    }

    private static Value Conv(GraphBuilder g, Value x, string name, int inputs, int outputs, int size, int stride)
    {
        var w = g.Weight(name + ".weight", Draw(name, inputs * size * size, outputs, inputs, size, size));
        return g.Node("Conv", [x, w], Attributes.Of(("kernel_shape", new long[] { size, size }), ("strides", new long[] { stride, stride }), ("pads", new long[] { size / 2, size / 2, size / 2, size / 2 })), name: name);
    }

    private static Value Norm(GraphBuilder g, Value x, string name, int width)
    {
        var ones = Enumerable.Repeat(1f, width).ToArray();
        g.Weight(name + ".weight", Tensor.Of(ones, width));
        g.Weight(name + ".bias", Tensor.Of(new float[width], width));
        g.Weight(name + ".running_mean", Tensor.Of(new float[width], width), Weights.WeightRole.Buffer);
        g.Weight(name + ".running_var", Tensor.Of(ones, width), Weights.WeightRole.Buffer);
        return g.BatchNorm(x, name);
    }

    private static Tensor Draw(string name, int fanIn, params long[] sizes)
    {
        var random = new Philox(2, name);
        var bound = MathF.Sqrt(6f / fanIn);
        var values = new float[Tensor.Product(sizes)];
        for (var i = 0; i < values.Length; i++) values[i] = bound * (2 * random.Uniform((ulong)i) - 1);
        return Tensor.Of(values, sizes);
    }
}
