using System.Diagnostics;
using System.Globalization;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Models.Vision;
using TorchSharp;

namespace Attune.Benchmarks;

/// <summary>
/// Evaluation passes of an image network at 224²: <c>forward:NETWORK:ROWS</c> takes so many rows a pass; ROWS 0 takes what the engine would choose. A step of this case
/// is one picture.
/// </summary>
internal sealed class VisionForward : IBenchmark
{
    private readonly TorchParameters _parameters;
    private readonly TorchExecutor _executor;
    private readonly Dictionary<string, torch.Tensor> _inputs;

    /// <summary>Compiles a catalog network with fresh weights.</summary>
    /// <param name="name">The case.</param>
    /// <param name="threads">Threads of libtorch.</param>
    public VisionForward(string name, int threads)
    {
        if (name.Split(':') is not ["forward", var network, var rows]) throw new ArgumentException($"There is no case '{name}': forward:NETWORK:ROWS.");
        TorchCompiler.Demand();
        TorchThreads.Use(threads);
        var options = new CompileOptions { Threads = threads };
        var graph = VisionModel.Create(network, 1000, 2).Graph;
        _parameters = new TorchParameters(graph, options, torch.CPU);
        _executor = new TorchExecutor(graph, [graph.Outputs[0].Name], _parameters, options);
        var count = int.Parse(rows, CultureInfo.InvariantCulture);
        Rows = count > 0 ? count : TorchExecutor.RowsPerPass(_executor.PlanFor(new Dictionary<string, long[]> { [VisionModel.Input] = [4, 3, 224, 224] }), 4, 1024);
        var inputs = new TorchInputs(graph, torch.CPU, _parameters.IsChannelsLast);
        _inputs = new() { [VisionModel.Input] = inputs.Place(torch.randn([Rows, 3, 224, 224])) };
    }

    /// <summary>Rows of a pass.</summary>
    public int Rows { get; }

    /// <summary>Mean and median seconds of a picture over about so many pictures, and the rows of a pass.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[Math.Max(1, steps / Rows)];
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using var scope = torch.NewDisposeScope();
            foreach (var output in _executor.Forward(_inputs)) output.Dispose();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds / Rows;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[times.Length / 2], Rows);
    }

    /// <summary>Frees weights and plans.</summary>
    public void Dispose()
    {
        foreach (var input in _inputs.Values) input.Dispose();
        _executor.Dispose();
        _parameters.Dispose();
    }
}
