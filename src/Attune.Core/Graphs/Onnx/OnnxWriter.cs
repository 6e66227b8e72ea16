using System.Globalization;
using Attune.Graphs.Rewrites;
using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>
/// Writes ONNX files, whole or not at all, the same bytes for the same graph. Names are kept; Dropout and the nodes of domain <c>attune</c> are left out;
/// weights stand in the file or as byte ranges of another one, by themselves when the file would exceed the 2 GB that the format allows.
/// </summary>
public static class OnnxWriter
{
    /// <summary>Writes <paramref name="graph"/> to <paramref name="path"/>.</summary>
    /// <exception cref="ArgumentException">The graph is not valid, uses what the opset cannot say, or the options do not fit.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing was changed.</exception>
    public static void Write(Graph graph, string path, OnnxWriteOptions? options = null)
    {
        options ??= new OnnxWriteOptions();
        if (options.Opset is < 17 or > Graph.OperatorSet) throw new ArgumentException($"Opset {options.Opset} cannot be written; 17 to {Graph.OperatorSet} can.", nameof(options));
        var problems = GraphValidator.Validate(graph);
        if (problems.Count > 0) throw new ArgumentException(GraphValidator.Report(graph, problems), nameof(graph));
        var written = OpsetExport.Run(options.Opset, options.KeepDropout, Prepared(graph, options));
        var message = Model(written, options);
        if (message.Length > options.InlineLimit)
        {
            if (options.ExternalData is not null)
                throw new ArgumentException($"The model has {message.Length} bytes beside its external data; an ONNX file holds at most {options.InlineLimit}.", nameof(graph));
            message = Model(written, options with { ExternalData = ExternalWeights.Write(written, path) });
        }
        AtomicFile.Write(path, message.WriteTo);
    }

    /// <summary>The graph that the options ask for: folded, in the wanted type.</summary>
    private static Graph Prepared(Graph graph, OnnxWriteOptions options)
    {
        if (options.Type is not (DataType.Float or DataType.Float16 or DataType.Int8)) throw new ArgumentException($"A graph can be written as Float, Float16 or Int8, not as {options.Type}.", nameof(options));
        if (options.FoldBatchNorm) graph = BatchNormFolding.Run(graph);
        return options.Type switch { DataType.Float16 => HalfConversion.Run(graph, options.Float16Boundary), DataType.Int8 => Int8Conversion.Run(graph), _ => graph };
    }

    /// <summary>The message of a file, without checks.</summary>
    internal static WireMessage Model(Graph graph, OnnxWriteOptions options)
    {
        var model = new WireMessage();
        model.Int(1, options.Opset switch { <= 18 => 8, <= 20 => 9, <= 22 => 10, _ => 11 });
        model.Text(2, "attune");
        model.Message(7, GraphOf(graph, options.ExternalData));
        model.Message(8, Opset("", options.Opset));
        foreach (var domain in Domains(graph).Where(d => d.Length > 0).Distinct().Order(StringComparer.Ordinal)) model.Message(8, Opset(domain, domain == "ai.onnx.ml" ? 4 : 1));
        var metadata = new SortedDictionary<string, string>(graph.Metadata.ToDictionary(), StringComparer.Ordinal);
        foreach (var (key, value) in options.Metadata) metadata[key] = value;
        foreach (var (key, value) in metadata) model.Message(14, Pair(key, value));
        return model;
    }

    private static IEnumerable<string> Domains(Graph graph)
        => graph.Nodes.SelectMany(n => GraphSort.Bodies(n).SelectMany(Domains).Prepend(n.Domain));

    internal static WireMessage GraphOf(Graph graph, OnnxExternalData? external)
    {
        var message = new WireMessage();
        foreach (var node in graph.Nodes) message.Message(1, NodeOf(node));
        message.Text(2, graph.Name.Length == 0 ? "graph" : graph.Name);
        foreach (var weight in graph.Weights.All)
            message.Message(5, external is not null && external.Ranges.TryGetValue(weight.Name, out var range) ? External(weight, external.File, range) : TensorOf(weight.Name, weight.Value));
        foreach (var input in graph.Inputs) message.Message(11, ValueOf(input));
        foreach (var output in graph.Outputs) message.Message(12, ValueOf(output));
        return message;
    }

    internal static WireMessage NodeOf(Node node)
    {
        var message = new WireMessage();
        foreach (var input in node.Inputs) message.Text(1, input);
        foreach (var output in node.Outputs) message.Text(2, output);
        message.Text(3, node.Name);
        message.Text(4, node.Operator);
        foreach (var (name, value) in node.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal)) message.Message(5, AttributeOf(name, value));
        if (node.Domain.Length > 0) message.Text(7, node.Domain);
        return message;
    }

    private static WireMessage AttributeOf(string name, object value)
    {
        var message = new WireMessage();
        message.Text(1, name);
        switch (value)
        {
            case float number: message.Float(2, number); break;
            case long number: message.Int(3, number); break;
            case string text: message.Text(4, text); break;
            case Tensor tensor: message.Message(5, TensorOf("", tensor)); break;
            case Graph graph: message.Message(6, GraphOf(graph, null)); break;
            case float[] numbers: foreach (var number in numbers) message.Float(7, number); break;
            case long[] numbers: foreach (var number in numbers) message.Int(8, number); break;
            case string[] texts: foreach (var text in texts) message.Text(9, text); break;
            case Tensor[] tensors: foreach (var tensor in tensors) message.Message(10, TensorOf("", tensor)); break;
            case Graph[] graphs: foreach (var graph in graphs) message.Message(11, GraphOf(graph, null)); break;
        }
        message.Int(20, value switch { float => 1, long => 2, string => 3, Tensor => 4, Graph => 5, float[] => 6, long[] => 7, string[] => 8, Tensor[] => 9, _ => 10 });
        return message;
    }

    private static WireMessage TensorOf(string name, Tensor tensor)
    {
        var message = TensorHead(name, tensor);
        if (tensor.Type != DataType.String) message.Data(9, tensor.Data);
        else foreach (var text in tensor.Strings) message.Text(6, text);
        return message;
    }

    private static WireMessage External(Weight weight, string file, (long Offset, long Length) range)
    {
        if (range.Length != weight.Value.Data.ByteLength || weight.Value.Type == DataType.String)
            throw new ArgumentException($"Weight '{weight.Name}' ({weight.Value}) has {weight.Value.Data.ByteLength} bytes; its external range has {range.Length}.");
        var message = TensorHead(weight.Name, weight.Value);
        message.Message(13, Pair("location", file));
        message.Message(13, Pair("offset", range.Offset.ToString(CultureInfo.InvariantCulture)));
        message.Message(13, Pair("length", range.Length.ToString(CultureInfo.InvariantCulture)));
        message.Int(14, 1);
        return message;
    }

    private static WireMessage TensorHead(string name, Tensor tensor)
    {
        var message = new WireMessage();
        foreach (var size in tensor.Sizes) message.Int(1, size);
        message.Int(2, (long)tensor.Type);
        if (name.Length > 0) message.Text(8, name);
        return message;
    }

    private static WireMessage ValueOf(ValueInfo value)
    {
        var tensor = new WireMessage();
        tensor.Int(1, (long)value.Type);
        if (value.Shape is { } shape) tensor.Message(2, ShapeOf(shape));
        var type = new WireMessage();
        type.Message(1, tensor);
        var message = new WireMessage();
        message.Text(1, value.Name);
        message.Message(2, type);
        return message;
    }

    private static WireMessage ShapeOf(Shape shape)
    {
        var message = new WireMessage();
        foreach (var dimension in shape.Dimensions)
        {
            var axis = new WireMessage();
            if (dimension.Size is { } size) axis.Int(1, size);
            else if (dimension.Symbol is { } symbol) axis.Text(2, symbol);
            message.Message(1, axis);
        }
        return message;
    }

    private static WireMessage Opset(string domain, long version)
    {
        var message = new WireMessage();
        message.Text(1, domain);
        message.Int(2, version);
        return message;
    }

    private static WireMessage Pair(string key, string value)
    {
        var message = new WireMessage();
        message.Text(1, key);
        message.Text(2, value);
        return message;
    }
}
