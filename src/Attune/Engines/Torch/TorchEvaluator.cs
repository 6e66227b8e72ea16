using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Runs a graph once on the CPU for any inputs, without a batch axis or training: for checks and tests. <see cref="TorchModel"/> is what trains and predicts.</summary>
internal static class TorchEvaluator
{
    /// <summary>All outputs of a graph, or the values that are named.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">A value for every graph input by name.</param>
    /// <param name="outputs">Names of the values to compute; default: the graph's outputs.</param>
    /// <exception cref="NotSupportedException">libtorch is not available, or a node does not run on it.</exception>
    /// <exception cref="ArgumentException">An input is missing.</exception>
    /// <exception cref="InvalidOperationException">libtorch refused a node; names it.</exception>
    public static IReadOnlyDictionary<string, Tensor> Run(Graph graph, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string>? outputs = null)
    {
        TorchCompiler.Demand();
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        outputs ??= [.. graph.Outputs.Select(o => o.Name)];
        var types = ShapeInference.Infer(graph);
        var values = graph.Inputs.ToDictionary(i => i.Name, i => inputs.TryGetValue(i.Name, out var given) ? given : throw new ArgumentException($"The graph's input '{i.Name}' is not given.", nameof(inputs)), StringComparer.Ordinal);
        var typed = graph with { Inputs = [.. graph.Inputs.Select(i => i with { Type = values[i.Name].Type })] };
        using var plan = TorchPlanBuilder.Build(typed, outputs, values.ToDictionary(v => v.Key, v => v.Value.Sizes.ToArray(), StringComparer.Ordinal), torch.CPU);
        var slots = plan.NewSlots();
        foreach (var (slot, name) in plan.Weights) slots[slot] = TorchTensors.FromStored(graph.Weights[name].Value);
        foreach (var (name, slot) in plan.Inputs) slots[slot] = TorchTensors.FromStored(values[name]);
        var frame = new TorchFrame(slots);
        plan.Run(frame);
        var results = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < outputs.Count; i++)
        {
            var declared = graph.Outputs.FirstOrDefault(o => o.Name == outputs[i])?.Type ?? DataType.Undefined;
            results[outputs[i]] = TorchTensors.ToStored(frame[plan.Outputs[i]], declared != DataType.Undefined ? declared : types[outputs[i]].Type);
        }
        return results;
    }
}
