using System.Diagnostics;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Randomness;
using TorchSharp;

namespace Attune.Benchmarks;

/// <summary>
/// What the interpreter costs: 66 times relu(x·W + b) on tensors of 4 × 8, 198 nodes, run by the engine (<c>interpreter:forward</c>, <c>interpreter:train</c>) and by the
/// same TorchSharp calls written by hand over the same weights (<c>hand:forward</c>, <c>hand:train</c>), which free their values as early. A step is one node.
/// </summary>
internal sealed class InterpreterBenchmark : IBenchmark
{
    private const int Layers = 66, Rows = 4, Width = 8;

    /// <summary>Nodes of the graph.</summary>
    public const int Nodes = 3 * Layers;

    private readonly bool _byHand, _trains;
    private readonly TorchParameters _parameters;
    private readonly TorchExecutor _executor;
    private readonly torch.Tensor _x, _ones;
    private readonly torch.Tensor[] _weights, _biases;
    private readonly Dictionary<string, torch.Tensor> _inputs;
    private long _step;

    /// <summary>Compiles the graph.</summary>
    /// <param name="name">The case.</param>
    /// <param name="threads">Threads of libtorch; tensors are too small to be split.</param>
    public InterpreterBenchmark(string name, int threads)
    {
        (_byHand, _trains) = name switch
        {
            "interpreter:forward" => (false, false),
            "interpreter:train" => (false, true),
            "hand:forward" => (true, false),
            "hand:train" => (true, true),
            _ => throw new ArgumentException($"There is no case '{name}': interpreter:forward, interpreter:train, hand:forward, hand:train."),
        };
        TorchCompiler.Demand();
        TorchThreads.Use(threads);
        var graph = Network();
        var options = new CompileOptions { Threads = threads, Trainable = [.. graph.Weights.All.Select(w => new TrainableWeight(w.Name))] };
        _parameters = new TorchParameters(graph, options, torch.CPU);
        _executor = new TorchExecutor(graph, [graph.Outputs[0].Name], _parameters, options);
        _weights = [.. Enumerable.Range(0, Layers).Select(i => _parameters.Find($"{i}.weight")!.Value)];
        _biases = [.. Enumerable.Range(0, Layers).Select(i => _parameters.Find($"{i}.bias")!.Value)];
        (_x, _ones) = (torch.ones([Rows, Width]), torch.ones([Rows, Width]));
        _inputs = new() { ["x"] = _x };
    }

    /// <summary>Mean and median seconds of a node over so many nodes, and the sum of the last output.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[Math.Max(1, steps / Nodes)];
        var sum = 0.0;
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using (torch.NewDisposeScope())
            {
                using var output = _trains ? Train() : Forward();
                if (i == times.Length - 1) sum = Sum(output);
            }
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds / Nodes;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[times.Length / 2], sum);
    }

    /// <summary>Frees weights and plans.</summary>
    public void Dispose()
    {
        _x.Dispose();
        _ones.Dispose();
        _executor.Dispose();
        _parameters.Dispose();
    }

    private torch.Tensor Forward()
    {
        if (!_byHand) return _executor.Forward(_inputs)[0];
        using var _ = torch.no_grad();
        return Layered();
    }

    private torch.Tensor Train()
    {
        if (_byHand)
        {
            var output = Layered();
            output.backward([_ones]);
            return output;
        }
        using var pass = _executor.Begin(_inputs, new MicroStep(_step++, 0));
        pass.Backward(_ones);
        return pass.Output.alias();
    }

    private torch.Tensor Layered()
    {
        var h = _x;
        for (var i = 0; i < Layers; i++)
        {
            var product = h.matmul(_weights[i]);
            if (i > 0) h.Dispose();
            var sum = product.add(_biases[i]);
            product.Dispose();
            h = torch.nn.functional.relu(sum);
            sum.Dispose();
        }
        return h;
    }

    private static double Sum(torch.Tensor value)
    {
        using var plain = value.detach();
        using var sum = plain.sum();
        return sum.item<float>();
    }

    private static Graph Network()
    {
        var g = new GraphBuilder("layers");
        var h = g.Input("x", DataType.Float, new Shape("B", Width));
        var random = new Philox(3, "weights");
        for (var i = 0; i < Layers; i++)
        {
            var layer = i;
            var w = g.Weight($"{i}.weight", Tensor.Of([.. Enumerable.Range(0, Width * Width).Select(k => (random.Uniform((ulong)(layer * Width * Width + k)) - 0.3f) / 2)], Width, Width));
            var b = g.Weight($"{i}.bias", Tensor.Of(Enumerable.Repeat(0.1f, Width).ToArray(), Width));
            h = g.Relu(g.Add(g.Node("MatMul", [h, w]), b));
        }
        g.Output(h, "y", DataType.Float, new Shape("B", Width));
        return g.Build();
    }
}
