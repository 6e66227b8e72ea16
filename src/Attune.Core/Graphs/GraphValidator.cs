using Attune.Graphs.Operators;

namespace Attune.Graphs;

/// <summary>Checks that a graph can run: known operators, arity, every value written once and before it is read, no cycle, fitting types and shapes.</summary>
public static class GraphValidator
{
    /// <summary>All problems at once, each a sentence that names its node or value; empty when the graph is valid.</summary>
    public static IReadOnlyList<string> Validate(Graph graph)
    {
        var problems = new List<string>();
        CheckStructure(graph, [], problems);
        if (problems.Count > 0) return problems;
        var inference = new ShapeInference(graph.Inputs, graph.Weights, problems);
        foreach (var node in graph.Nodes) inference.Add(node);
        foreach (var output in graph.Outputs) CheckDeclaration(output, inference.Lookup(output.Name), problems);
        return problems;
    }

    /// <summary>The graph with its nodes in topological order; nodes on a cycle stay behind the others, for <see cref="Validate"/> to name.</summary>
    public static Graph Sort(Graph graph)
    {
        var sorted = GraphSort.Sort(graph.Nodes);
        if (sorted.Count == graph.Nodes.Count) return graph with { Nodes = sorted };
        var done = sorted.ToHashSet<object>(ReferenceEqualityComparer.Instance);
        return graph with { Nodes = [.. sorted, .. graph.Nodes.Where(n => !done.Contains(n))] };
    }

    /// <summary>One text for a list of problems.</summary>
    internal static string Report(Graph graph, IReadOnlyList<string> problems)
    {
        if (problems.Count == 1) return $"Graph '{graph.Name}' is not valid: {problems[0]}";
        var shown = string.Join("", problems.Take(10).Select(p => $"{Environment.NewLine}- {p}"));
        return $"Graph '{graph.Name}' has {problems.Count} problems:{shown}{(problems.Count > 10 ? $"{Environment.NewLine}- and {problems.Count - 10} more" : "")}";
    }

    /// <summary>A node as messages name it.</summary>
    internal static string Label(Node node) => $"Node '{node.Name}' ({node.QualifiedOperator})";

    private static void CheckStructure(Graph graph, HashSet<string> around, List<string> problems)
    {
        var writers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in graph.Weights.All.SelectMany(w => w.Aliases.Prepend(w.Name))) writers[name] = "a weight";
        foreach (var input in graph.Inputs)
        {
            if (!writers.TryAdd(input.Name, "a graph input")) problems.Add($"Graph input '{input.Name}' is already {writers[input.Name]}.");
        }
        foreach (var node in graph.Nodes)
        {
            CheckOperator(node, problems);
            foreach (var output in node.Outputs.Where(o => o.Length > 0))
            {
                if (!writers.TryAdd(output, $"written by node '{node.Name}'")) problems.Add($"{Label(node)} writes '{output}', which is already {writers[output]}. A value is written once.");
            }
        }
        CheckReads(graph, writers, around, problems);
    }

    private static void CheckReads(Graph graph, Dictionary<string, string> writers, HashSet<string> around, List<string> problems)
    {
        var cycle = GraphSort.FindCycle(graph.Nodes);
        if (cycle.Count > 0) problems.Add($"The nodes {NearestName.Preview(cycle.Select(n => n.Name))} form a cycle: each waits for a value of the one before it.");
        var written = new HashSet<string>(around, StringComparer.Ordinal);
        written.UnionWith(graph.Inputs.Select(i => i.Name).Concat(graph.Weights.All.SelectMany(w => w.Aliases.Prepend(w.Name))));
        foreach (var node in graph.Nodes)
        {
            foreach (var read in node.Inputs.Where(i => i.Length > 0 && !written.Contains(i)).Distinct())
            {
                if (!writers.ContainsKey(read)) problems.Add($"{Label(node)} reads '{read}', which is no graph input, no weight and no node's output.{NearestName.Hint(read, problems.Count < 20 ? writers.Keys : [])}");
                else if (cycle.Count == 0) problems.Add($"{Label(node)} reads '{read}' before it is written; the nodes are not in topological order.");
            }
            foreach (var body in GraphSort.Bodies(node)) CheckStructure(body, written, problems);
            written.UnionWith(node.Outputs);
        }
        foreach (var output in graph.Outputs.Where(o => !written.Contains(o.Name))) problems.Add($"Graph output '{output.Name}' is no graph input, no weight and no node's output.");
    }

    private static void CheckOperator(Node node, List<string> problems)
    {
        if (OperatorCatalog.Refusal(node.Domain, node.Operator) is { } refusal)
        {
            problems.Add($"Node '{node.Name}': {refusal.TrimEnd('.')}.");
            return;
        }
        if (OperatorCatalog.Find(node.Domain, node.Operator) is not { } known) return;
        if (node.Inputs.Count < known.Inputs.Min || node.Inputs.Count > known.Inputs.Max)
            problems.Add($"{Label(node)} has {node.Inputs.Count} inputs; the operator takes {known.Inputs}.");
        for (var i = 0; i < Math.Min(known.Inputs.Min, node.Inputs.Count); i++)
        {
            if (node.Inputs[i].Length == 0) problems.Add($"{Label(node)} lacks input {i}, which is not optional.");
        }
        if (node.Outputs.Count < known.Outputs.Min || node.Outputs.Count > known.Outputs.Max)
            problems.Add($"{Label(node)} has {node.Outputs.Count} outputs; the operator gives {known.Outputs}.");
    }

    private static void CheckDeclaration(ValueInfo declared, KnownValue inferred, List<string> problems)
    {
        if (declared.Type != inferred.Type && declared.Type != DataType.Undefined && inferred.Type != DataType.Undefined)
            problems.Add($"Graph output '{declared.Name}' is declared as {declared.Type}, but the nodes give {inferred.Type}.");
        if (declared.Shape is null || inferred.Shape is null) return;
        var fits = declared.Shape.Rank == inferred.Shape.Rank
            && declared.Shape.Dimensions.Zip(inferred.Shape.Dimensions).All(p => p.First.Size is null || p.Second.Size is null || p.First.Size == p.Second.Size);
        if (!fits) problems.Add($"Graph output '{declared.Name}' is declared as {declared.Shape}, but the nodes give {inferred.Shape}.");
    }
}
