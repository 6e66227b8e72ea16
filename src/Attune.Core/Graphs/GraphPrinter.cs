using System.Globalization;
using System.Text;

namespace Attune.Graphs;

/// <summary>A readable listing of a graph.</summary>
public static class GraphPrinter
{
    /// <summary>Inputs, nodes with the shapes of their outputs, weights with their roles, outputs and counts; one line each, "\n" between lines.</summary>
    /// <exception cref="ArgumentException">The graph is not valid.</exception>
    public static string Print(Graph graph)
    {
        var values = ShapeInference.Infer(graph);
        var summary = GraphSummary.Of(graph);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"graph {graph.Name}: {summary.Nodes} nodes, {summary.Parameters:N0} parameters, {summary.Buffers:N0} buffer values, {summary.Constants:N0} constant values\n");
        foreach (var input in graph.Inputs) text.Append(CultureInfo.InvariantCulture, $"input   {Describe(input)}\n");
        foreach (var weight in graph.Weights.All)
            text.Append(CultureInfo.InvariantCulture, $"{weight.Role.ToString().ToLowerInvariant(),-9} {weight.Name}: {weight.Value}{(weight.Aliases.Count > 0 ? $" = {string.Join(" = ", weight.Aliases)}" : "")}\n");
        foreach (var node in graph.Nodes)
        {
            var outputs = string.Join(", ", node.Outputs.Where(o => o.Length > 0).Select(o => Describe(values[o])));
            text.Append(CultureInfo.InvariantCulture, $"node    {node.Name}: {outputs} = {node.QualifiedOperator}({string.Join(", ", node.Inputs)}){Attributes(node.Attributes)}\n");
        }
        foreach (var output in graph.Outputs) text.Append(CultureInfo.InvariantCulture, $"output  {Describe(output)}\n");
        return text.ToString();
    }

    private static string Describe(ValueInfo value) => $"{value.Name}: {value.Type}{value.Shape?.ToString() ?? "[…]"}";

    private static string Attributes(Attributes attributes)
        => attributes.Count == 0 ? "" : $" {{{string.Join(", ", attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={Describe(a.Value)}"))}}}";

    private static string Describe(object value) => value switch
    {
        long[] numbers => $"[{string.Join(", ", numbers)}]",
        float[] numbers => $"[{string.Join(", ", numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)))}]",
        string[] texts => $"[{string.Join(", ", texts.Take(5).Select(t => $"\"{t}\""))}{(texts.Length > 5 ? $", … {texts.Length}" : "")}]",
        float number => number.ToString(CultureInfo.InvariantCulture),
        string text => $"\"{text}\"",
        Graph body => $"graph {body.Name}",
        _ => value.ToString() ?? "",
    };
}
