using Attune.Graphs.Onnx;
using Attune.Weights;

namespace Attune.Graphs;

/// <summary>What <c>inspect</c> says about a graph.</summary>
public sealed record GraphSummary
{
    /// <summary>The graph's name.</summary>
    public required string Name { get; init; }

    /// <summary>Inputs with types and symbolic shapes.</summary>
    public required IReadOnlyList<GraphSummaryValue> Inputs { get; init; }

    /// <summary>Outputs with types and symbolic shapes.</summary>
    public required IReadOnlyList<GraphSummaryValue> Outputs { get; init; }

    /// <summary>Number of nodes.</summary>
    public required int Nodes { get; init; }

    /// <summary>Number of nodes by operator.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>Elements of all parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Elements of all buffers.</summary>
    public required long Buffers { get; init; }

    /// <summary>Elements of all constants.</summary>
    public required long Constants { get; init; }

    /// <summary>Every weight with its role.</summary>
    public required IReadOnlyList<GraphSummaryWeight> Weights { get; init; }

    /// <summary>The file's opset of ONNX's own domain; null for a graph that no file holds.</summary>
    public long? Opset { get; init; }

    /// <summary>The file's IR version; null for a graph that no file holds.</summary>
    public long? IrVersion { get; init; }

    /// <summary>The program that wrote the file, with its version; null when it does not say.</summary>
    public string? Producer { get; init; }

    /// <summary>Free metadata.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Summary of a graph.</summary>
    public static GraphSummary Of(Graph graph) => new()
    {
        Name = graph.Name,
        Inputs = [.. graph.Inputs.Select(GraphSummaryValue.Of)],
        Outputs = [.. graph.Outputs.Select(GraphSummaryValue.Of)],
        Nodes = graph.Nodes.Count,
        Operators = new SortedDictionary<string, int>(graph.Nodes.GroupBy(n => n.QualifiedOperator).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal),
        Parameters = Elements(graph, WeightRole.Parameter),
        Buffers = Elements(graph, WeightRole.Buffer),
        Constants = Elements(graph, WeightRole.Constant),
        Weights = [.. graph.Weights.All.Select(w => new GraphSummaryWeight(w.Name, w.Value.Type.ToString(), w.Value.Sizes, w.Role))],
        Metadata = graph.Metadata,
    };

    /// <summary>Summary of an ONNX file.</summary>
    /// <exception cref="DataFormatException">The file is missing or not a valid model.</exception>
    public static GraphSummary OfOnnx(string path)
    {
        var model = OnnxReader.ReadModel(path);
        var producer = $"{model.Producer} {model.ProducerVersion}".Trim();
        return Of(model.Graph) with { Opset = model.Opset, IrVersion = model.IrVersion, Producer = producer.Length == 0 ? null : producer };
    }

    private static long Elements(Graph graph, WeightRole role) => graph.Weights.All.Where(w => w.Role == role).Sum(w => w.Count);
}

/// <summary>An input or output: its name, its element type, its shape such as <c>[B, 30]</c>, null when the rank is unknown.</summary>
public sealed record GraphSummaryValue(string Name, string Type, string? Shape)
{
    internal static GraphSummaryValue Of(ValueInfo value) => new(value.Name, value.Type.ToString(), value.Shape?.ToString());
}

/// <summary>A weight: its name, its element type, its sizes, its role.</summary>
public sealed record GraphSummaryWeight(string Name, string Type, IReadOnlyList<long> Shape, WeightRole Role);
