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

    /// <summary>The network with the task's outputs behind it; its inputs stay.</summary>
    /// <param name="network">Its first output are the logits [N, OutputWidth].</param>
    /// <param name="task">What the outputs mean.</param>
    public static Graph WithOutputs(Graph network, LearningTask task)
    {
        var builder = new GraphBuilder(network);
        task.AppendOutputs(builder, new(network.Outputs[0].Name));
        var graph = builder.Build();
        List<ValueInfo> outputs = [.. graph.Outputs.Where(o => o.Name != network.Outputs[0].Name)];
        return graph with { Outputs = outputs.Count == 0 ? [network.Outputs[0]] : outputs, Metadata = MetadataOf(network, task) };
    }

    /// <summary>A tagger or reader with the task's outputs for every token, [B, T, K], in place of those that its input <paramref name="selected"/> chooses.</summary>
    /// <param name="network">Its first output are the logits [U, K] of the chosen tokens.</param>
    /// <param name="task">What the outputs mean.</param>
    /// <param name="selected">The input of chosen places, which the graph no longer has.</param>
    /// <param name="ids">The input of token ids [B, T].</param>
    /// <exception cref="ArgumentException">No node takes the chosen ones of all tokens.</exception>
    public static Graph WithTokenOutputs(Graph network, LearningTask task, string selected, string ids)
    {
        var gather = network.Nodes.FirstOrDefault(n => n.Operator == "Gather" && n.Inputs[1] == selected) ?? throw new ArgumentException($"No Gather reads '{selected}'.", nameof(network));
        var (logits, all) = (network.Outputs[0], gather.Inputs[0]);
        var whole = network with
        {
            Inputs = [.. network.Inputs.Where(i => i.Name != selected)],
            Nodes = [.. network.Nodes.Where(n => n != gather).Select(n => n with { Inputs = [.. n.Inputs.Select(i => i == gather.Outputs[0] ? all : i)] })],
            Outputs = [logits with { Shape = new Shape("tokens", task.OutputWidth) }],
        };
        var builder = new GraphBuilder(whole);
        var shape = builder.Concat([builder.Node("Shape", [new(ids)]), builder.Constant("tokens.tags", Tensor.Of([(long)task.OutputWidth], 1))], 0);   // [B, T, K]
        task.AppendOutputs(builder, builder.Node("Reshape", [new(logits.Name), shape]));
        var graph = builder.Build();
        return graph with { Outputs = [.. graph.Outputs.Where(o => o.Name != logits.Name)], Metadata = MetadataOf(network, task) };
    }

    /// <summary>Name of the input of a graph that takes pictures.</summary>
    public const string ImageName = "image";

    /// <summary>
    /// The complete graph from decoded pictures <c>image</c>, uint8 [N, H, W, 3] (RGB; [N, H, W, 1] for grey networks), to the task's outputs. Resizing (bilinear or bicubic, antialiased
    /// as Pillow does it), centre crop and normalisation are inside; pictures of one batch have one size. With another interpolation, or without resizing, H and W are the
    /// network's own. Decoding, EXIF orientation and transparency stay outside.
    /// </summary>
    /// <param name="network">One input [B, C, H, W]; its first output are the logits [B, OutputWidth].</param>
    /// <param name="preprocessing">From decoded pictures to the network's input.</param>
    /// <param name="task">What the outputs mean.</param>
    /// <exception cref="ArgumentException">The network has a node with a subgraph.</exception>
    public static Graph WithPreprocessing(Graph network, ImagePreprocessing preprocessing, LearningTask task)
    {
        var builder = new GraphBuilder(network.Name);
        var resizes = ResizesInside(preprocessing);
        var image = builder.Input(ImageName, DataType.UInt8, resizes ? new Shape("N", "H", "W", preprocessing.ChannelCount) : new Shape("N", preprocessing.Height, preprocessing.Width, preprocessing.ChannelCount));
        var x = builder.Node("Transpose", [image], Attributes.Of(("perm", new long[] { 0, 3, 1, 2 })));   // [N, C, H, W]
        if (resizes) x = Resized(builder, x, preprocessing);
        if (preprocessing.Channels == ImageChannels.Bgr) x = builder.Node("Gather", [x, builder.Constant("image.order", Tensor.Of([2L, 1, 0], 3))], Attributes.Of(("axis", 1L)));
        x = builder.Node("Cast", [x], Attributes.Of(("to", (long)DataType.Float)));
        x = builder.Node("Mul", [x, builder.Constant("image.scale", Tensor.Of([(float)preprocessing.Scale]))]);
        x = builder.Node("Sub", [x, PerChannel(builder, "image.mean", preprocessing.Mean)]);
        x = builder.Node("Div", [x, PerChannel(builder, "image.std", preprocessing.Std)]);
        var values = new Dictionary<string, Value>(StringComparer.Ordinal) { [network.Inputs[0].Name] = x };
        foreach (var weight in network.Weights.All) AddWeight(builder, weight, values);
        foreach (var node in network.Nodes) Append(builder, node, values);
        task.AppendOutputs(builder, values[network.Outputs[0].Name]);
        return builder.Build() with { Metadata = MetadataOf(network, task) };
    }

    /// <summary>True when the exported graph resizes by itself; else it takes pictures of the network's size.</summary>
    public static bool ResizesInside(ImagePreprocessing preprocessing)
        => preprocessing.Interpolation is ImageInterpolation.Bilinear or ImageInterpolation.Bicubic
            && (preprocessing.ResizeHeight is { } h && h >= preprocessing.Height && preprocessing.ResizeWidth >= preprocessing.Width || preprocessing.ResizeShorterSide is { } side && side >= Math.Max(preprocessing.Height, preprocessing.Width));

    private static Value Resized(GraphBuilder builder, Value x, ImagePreprocessing preprocessing)
    {
        // One plane after another: ONNX Runtime would move the Transpose behind a Resize of several channels, and then refuses its sizes.
        x = builder.Node("Reshape", [x, builder.Constant("image.planes", Tensor.Of([-1L, 1, 0, 0], 4))]);   // [N·C, 1, H, W]
        Value sizes;
        if (preprocessing.ResizeHeight is { } height) sizes = builder.Constant("image.size", Tensor.Of([(long)height, preprocessing.ResizeWidth!.Value], 2));
        else
        {
            // int(side · long / short): whole numbers, rounded down.
            var plane = builder.Node("Slice", [builder.Node("Shape", [x]), builder.Constant("image.two", Tensor.Of([2L], 1)), builder.Constant("image.four", Tensor.Of([4L], 1))]);   // [H, W]
            var shorter = builder.Node("ReduceMin", [plane], Attributes.Of(("keepdims", 1L)));
            sizes = builder.Node("Div", [builder.Node("Mul", [plane, builder.Constant("image.side", Tensor.Of([(long)preprocessing.ResizeShorterSide!.Value], 1))]), shorter]);
        }
        var cubic = preprocessing.Interpolation == ImageInterpolation.Bicubic;
        var resized = builder.Node("Resize", [x, default, default, sizes], Attributes.Of(("mode", cubic ? "cubic" : "linear"), ("cubic_coeff_a", -0.5f), ("antialias", 1L),
            ("axes", new long[] { 2, 3 }), ("coordinate_transformation_mode", "half_pixel")), name: "image.resize");
        if (preprocessing.ResizeHeight == preprocessing.Height && preprocessing.ResizeWidth == preprocessing.Width) return Whole(resized);
        // round((size − crop) / 2), halves to even.
        var room = builder.Node("Cast", [builder.Node("Sub", [sizes, builder.Constant("image.crop", Tensor.Of([(long)preprocessing.Height, preprocessing.Width], 2))])], Attributes.Of(("to", (long)DataType.Float)));
        var start = builder.Node("Cast", [builder.Node("Round", [builder.Node("Mul", [room, builder.Constant("image.half", Tensor.Of([0.5f]))])])], Attributes.Of(("to", (long)DataType.Int64)));
        var end = builder.Node("Add", [start, new("image.crop")]);
        var cropped = builder.Node("Slice", [resized, start, end, builder.Constant("image.axes", Tensor.Of([2L, 3], 2))]);
        return Whole(cropped);

        // The sizes are known again: networks may look at them.
        Value Whole(Value planes) => builder.Node("Reshape", [planes, builder.Constant("image.shape", Tensor.Of([-1L, preprocessing.ChannelCount, preprocessing.Height, preprocessing.Width], 4))]);   // [N, C, H, W]
    }

    private static Value PerChannel(GraphBuilder builder, string name, IReadOnlyList<double> values)
        => builder.Constant(name, Tensor.Of([.. values.Select(v => (float)v)], 1, values.Count, 1, 1));

    // `predictions` of several labels and the probabilities of tags are numbers: the file itself has to say whose.
    private static IReadOnlyDictionary<string, string> MetadataOf(Graph network, LearningTask task)
    {
        if (task is not (MultiLabelClassification or TokenClassification)) return network.Metadata;
        return new Dictionary<string, string>(network.Metadata) { [LabelsKey] = new JsonArray([.. task.PredictionNames.Select(l => (JsonNode)JsonValue.Create(l))]).ToJsonString() };
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
