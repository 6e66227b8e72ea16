using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Tasks;

/// <summary>Puts the preprocessing in front of a network and the task's outputs behind it.</summary>
public static class ModelGraph
{
    /// <summary>Metadata of an exported file: the label names in output order, a JSON list.</summary>
    public const string LabelsKey = "attune.labels";

    /// <summary>
    /// The complete graph from raw columns [N, 1] to <c>label</c> and <c>probabilities</c>, or <c>prediction</c>. The network's weights are shared and keep their names
    /// (a column of the same name gets the weight renamed).
    /// </summary>
    /// <param name="network">Inputs <c>features</c> [B, F] and <c>codes:column</c> ([B] or [B, 1], int64 or int32); its first output are the logits [B, OutputWidth].</param>
    /// <param name="encoder">The fitted preprocessing.</param>
    /// <param name="task">What the outputs mean.</param>
    /// <exception cref="ArgumentException">The network has an input that the encoder does not give, or a node with a subgraph.</exception>
    public static Graph WithPreprocessing(Graph network, TableEncoder encoder, LearningTask task)
    {
        var builder = new GraphBuilder(network.Name);
        var encoded = encoder.AppendTo(builder);
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var input in network.Inputs) values[input.Name] = Fit(builder, input, encoded);
        foreach (var weight in network.Weights.All) AddWeight(builder, weight, values);
        foreach (var node in network.Nodes) Append(builder, node, values);
        task.AppendOutputs(builder, values[network.Outputs[0].Name]);
        return builder.Build() with { Metadata = MetadataOf(network, task) };
    }

    // `predictions` of several labels are numbers: the file itself has to say whose.
    private static IReadOnlyDictionary<string, string> MetadataOf(Graph network, LearningTask task)
    {
        if (task is not MultiLabelClassification labels) return network.Metadata;
        return new Dictionary<string, string>(network.Metadata) { [LabelsKey] = new JsonArray([.. labels.Labels.Select(l => (JsonNode)JsonValue.Create(l))]).ToJsonString() };
    }

    // The encoder gives indices as [N, 1] int64; a network may take [B] or int32.
    private static Value Fit(GraphBuilder builder, ValueInfo input, IReadOnlyDictionary<string, Value> encoded)
    {
        if (!encoded.TryGetValue(input.Name, out var value))
            throw new ArgumentException($"The network has an input '{input.Name}'; the encoder gives {NearestName.Preview(encoded.Keys)}.", nameof(input));
        if (input.Shape is { Rank: 1 }) value = builder.Node("Squeeze", [value, builder.Constant("encode.axis", Tensor.Of([1L], 1))]);
        if (input.Name.StartsWith(TableEncoder.CodesPrefix, StringComparison.Ordinal) && input.Type != DataType.Int64)
            value = builder.Node("Cast", [value], Attributes.Of(("to", (long)input.Type)));
        return value;
    }

    private static void AddWeight(GraphBuilder builder, Weight weight, Dictionary<string, Value> values)
    {
        var name = weight.Name;
        while (builder.IsTaken(name)) name += "'";
        var value = builder.Weight(name, weight.Value, weight.Role);
        foreach (var known in weight.Aliases.Prepend(weight.Name)) values[known] = value;
    }

    private static void Append(GraphBuilder builder, Node node, Dictionary<string, Value> values)
    {
        if (node.Attributes.Values.Any(a => a is Graph or Graph[]))
            throw new ArgumentException($"Node '{node.Name}' ({node.QualifiedOperator}) has a subgraph; preprocessing can only be put in front of a plain network.", nameof(node));
        var inputs = new Value[node.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = node.Inputs[i].Length == 0 ? default : values[node.Inputs[i]];
        var outputs = builder.Nodes(node.Operator, inputs, node.Outputs.Count, node.Attributes, node.Domain, node.Name);
        for (var i = 0; i < outputs.Length; i++) values[node.Outputs[i]] = outputs[i];
    }
}
