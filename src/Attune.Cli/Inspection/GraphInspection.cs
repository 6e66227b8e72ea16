using System.Text.Json.Nodes;
using Attune.Engines.Dense;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Methods;
using Attune.Weights;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>A graph: inputs, outputs, operators with the engines that run them, weights by role, layers, blocks, head.</summary>
internal static class GraphInspection
{
    private const int MostWeights = 20;

    /// <summary>The parts that every graph has.</summary>
    public static Inspected Of(GraphSummary summary, Graph graph)
    {
        var operators = graph.Nodes.GroupBy(n => (n.Domain, n.Operator)).Select(g => (Name: g.First().QualifiedOperator, Count: g.Count(), Engines: EnginesOf(g.Key.Domain, g.Key.Operator)))
            .OrderByDescending(o => o.Count).ThenBy(o => o.Name, StringComparer.Ordinal).ToList();
        var json = new JsonObject
        {
            ["name"] = summary.Name,
            ["opset"] = summary.Opset,
            ["irVersion"] = summary.IrVersion,
            ["producer"] = summary.Producer,
            ["metadata"] = new JsonObject(summary.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
            ["inputs"] = Words(summary.Inputs.Select(Value)),
            ["outputs"] = Words(summary.Outputs.Select(Value)),
            ["nodes"] = summary.Nodes,
            ["operators"] = new JsonObject(summary.Operators.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value))),
            ["engines"] = new JsonObject(operators.Select(o => KeyValuePair.Create(o.Name, (JsonNode?)Words(o.Engines)))),
            ["parameters"] = summary.Parameters,
            ["buffers"] = summary.Buffers,
            ["constants"] = summary.Constants,
            ["weights"] = new JsonArray([.. summary.Weights.Select(w => (JsonNode)new JsonObject { ["name"] = w.Name, ["type"] = w.Type, ["shape"] = Sizes(w.Shape), ["role"] = w.Role.ToString().ToLowerInvariant() })]),
        };
        List<string> lines =
        [
            $"inputs: {string.Join(", ", summary.Inputs.Select(Value))}",
            $"outputs: {string.Join(", ", summary.Outputs.Select(Value))}",
            Invariant($"operators ({summary.Nodes:N0} {(summary.Nodes == 1 ? "node" : "nodes")}): {string.Join(", ", operators.Select(o => $"{o.Name} {o.Count}"))}"),
            $"engines: {Engine("dense", operators)}; {Engine("torch", operators)}",
            Invariant($"weights: {summary.Parameters:N0} parameters in {Tensors(summary, WeightRole.Parameter)}, {summary.Buffers:N0} buffers in {Tensors(summary, WeightRole.Buffer)}, {summary.Constants:N0} constants in {Tensors(summary, WeightRole.Constant)}"),
            .. Some([.. summary.Weights.OrderBy(w => w.Role).Select(w => $"  {w.Name}  {w.Type} [{string.Join(", ", w.Shape)}] {w.Role.ToString().ToLowerInvariant()}")], MostWeights),
        ];
        if (summary.Metadata.Count > 0) lines.AddRange(Some([.. summary.Metadata.Select(m => $"metadata: {m.Key} = {(m.Value.Length > 200 ? m.Value[..200] + "…" : m.Value)}")], 10));
        return new Inspected(json, lines);
    }

    /// <summary>What can be tuned, and where a new head could stand.</summary>
    /// <param name="network">A network whose first output answers.</param>
    public static Inspected Tunable(Graph network)
    {
        var structure = NetworkStructure.Of(network);
        var proposals = HeadProposal.For(network);
        var json = new JsonObject
        {
            ["layers"] = structure.Layers.Count,
            ["blocks"] = Words(structure.CountsLayers ? [] : structure.Blocks.Select(b => b.Name)),
            ["head"] = structure.Head is not { } head ? null : new JsonObject
            {
                ["output"] = head.Output.Name,
                ["node"] = head.Node.Name,
                ["weight"] = head.Weight,
                ["bias"] = head.Bias,
                ["inputs"] = head.Inputs,
                ["outputs"] = head.Outputs,
                ["activation"] = head.Activation,
            },
            ["headProposals"] = new JsonArray([.. proposals.Select(p => (JsonNode)new JsonObject { ["value"] = p.Value, ["shape"] = p.Shape.ToString(), ["why"] = p.Why, ["option"] = Option(p) })]),
        };
        var lines = structure.Describe().Select(l => "structure: " + l).ToList();
        lines.Add(structure.Head is null
            ? proposals.Count == 0 ? "tuning: no head was found, and no value that a new one could read" : "tuning: no head was found that could be replaced; say where a new one stands:"
            : "tuning: every method; other classes replace the head where it is" + (proposals.Count == 0 ? "" : ", or put it elsewhere:"));
        var width = proposals.Count == 0 ? 0 : proposals.Max(p => Option(p).Length);
        lines.AddRange(proposals.Select(p => $"  {Option(p).PadRight(width)}  {p.Shape}  {p.Why}"));
        return new Inspected(json, lines);
    }

    /// <summary>An input or output in one word.</summary>
    public static string Value(GraphSummaryValue value) => $"{value.Name} {value.Type}{value.Shape ?? " of unknown shape"}";

    private static string Option(HeadProposal proposal)
        => "--head-at " + (proposal.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or ':' or '-') && !proposal.Value.StartsWith('-') ? proposal.Value : $"'{proposal.Value.Replace("'", "'\\''", StringComparison.Ordinal)}'");

    private static string[] EnginesOf(string domain, string name)
    {
        if (OperatorCatalog.Find(domain, name) is null) return [];
        List<string> engines = [];
        if (domain is "" or "ai.onnx" && DenseCompiler.Operators.Contains(name)) engines.Add("dense");
        if (TorchOperatorCatalog.Find(domain, name) is not null) engines.Add("torch");
        return [.. engines];
    }

    private static string Engine(string engine, List<(string Name, int Count, string[] Engines)> operators)
    {
        var lacking = operators.Where(o => !o.Engines.Contains(engine)).Select(o => o.Name).ToList();
        return lacking.Count == 0 ? $"{engine} knows all operators" : Invariant($"{engine} lacks {string.Join(", ", lacking.Take(8))}{(lacking.Count > 8 ? Invariant($" and {lacking.Count - 8} more") : "")}");
    }

    private static string Tensors(GraphSummary summary, WeightRole role) => Invariant($"{summary.Weights.Count(w => w.Role == role):N0} tensors");
}
