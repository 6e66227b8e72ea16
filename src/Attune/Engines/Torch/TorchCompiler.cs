using Attune.Graphs;
using Attune.Weights;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Compiles any graph of operators in <see cref="Operators"/> for libtorch, on the CPU or a CUDA device.</summary>
public static class TorchCompiler
{
    /// <summary>The operators that the engine computes, alphabetically; those of other domains with their domain.</summary>
    public static IReadOnlyList<string> Operators { get; } = [.. TorchOperatorCatalog.All.Select(o => o.Domain.Length == 0 ? o.Name : $"{o.Domain}.{o.Name}")];

    /// <summary>Compiles a graph; its weights are copied in.</summary>
    /// <exception cref="NotSupportedException">libtorch is not available, or an operator is not computed; says which.</exception>
    /// <exception cref="WeightsException">A trainable weight is unknown, or nothing that is computed uses it.</exception>
    public static TorchModel Compile(Graph graph, CompileOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        Demand();
        var device = Device(options.Device);
        if (Missing(graph, options.Output) is { Count: > 0 } missing) throw new NotSupportedException($"the libtorch engine has no kernel for {NearestName.Preview(missing)}");
        TorchThreads.Use(options.Threads);
        NativeAllocator.KeepLargeBlocks(options.Trainable.Count == 0 || TrainsMost(graph, options.Trainable));
        return new TorchModel(graph, options, device);
    }

    /// <summary>True when the engine has kernels for everything that <paramref name="output"/> needs (null: the first graph output). libtorch itself is not loaded.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">The value to compute.</param>
    /// <param name="reason">"" or the operators that are missing.</param>
    public static bool CanRun(Graph graph, string? output, out string reason)
    {
        var missing = Missing(graph, output);
        reason = missing.Count == 0 ? "" : $"the libtorch engine has no kernel for {NearestName.Preview(missing)}";
        return missing.Count == 0;
    }

    /// <summary>Loads libtorch.</summary>
    /// <exception cref="NotSupportedException">It is not there; says what to do.</exception>
    internal static void Demand()
    {
        var status = TorchRuntime.Load();
        if (status.Load == TorchLoad.NotAvailable) throw new NotSupportedException($"this network needs libtorch, which is not available: {status.Reason}");
    }

    private static bool TrainsMost(Graph graph, IReadOnlyList<TrainableWeight> trainable)
    {
        var trains = trainable.Where(t => graph.Weights.Contains(t.Name)).Sum(t => graph.Weights[t.Name].Count);
        return 2 * trains > graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count);
    }

    private static List<string> Missing(Graph graph, string? output)
        => [.. TorchPlanBuilder.NeededNodes(graph, [output ?? graph.Outputs[0].Name]).Where(n => TorchOperatorCatalog.Find(n.Domain, n.Operator) is null).Select(n => n.QualifiedOperator).Distinct().Order(StringComparer.Ordinal)];

    private static torch.Device Device(string name)
    {
        if (name == "cpu") return torch.CPU;
        if (name != "cuda" && !name.StartsWith("cuda:", StringComparison.Ordinal)) throw new NotSupportedException($"device '{name}' does not exist; cpu, cuda and cuda:N do");
        // Asked first: torch.device throws where CUDA is missing.
        if (!torch.cuda.is_available()) throw new NotSupportedException($"device '{name}' needs a libtorch with CUDA and a GPU; this one has none. Leave training.device out to run on the CPU");
        return torch.device(name);
    }
}
