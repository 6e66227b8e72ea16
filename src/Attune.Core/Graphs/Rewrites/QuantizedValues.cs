namespace Attune.Graphs.Rewrites;

/// <summary>The walk of <see cref="Dequantization"/>: every quantized value gets the name of the real one it stands for, and readers turn to that.</summary>
internal sealed class QuantizedValues(GraphEdit edit, DequantizedWeights weights)
{
    private readonly Dictionary<string, Quantized> _real = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    /// <summary>True for a node that stays quantized because the caller sees its values.</summary>
    public bool Keeps(Node node) => _kept.Contains(node.Name);

    /// <summary>Rewrites one node, in topological order.</summary>
    public void Rewrite(Node node)
    {
        if (node.Domain is not ("" or "com.microsoft")) return;
        switch (node.Operator)
        {
            case "QuantizeLinear": Quantize(node); break;
            case "DequantizeLinear": Dequantize(node); break;
            case "QLinearConv": Linear(node, "Conv", node.Inputs, node.Input(8)); break;
            case "QLinearMatMul": Linear(node, "MatMul", node.Inputs, null); break;
            case "QGemm": Gemm(node); break;
            case "QLinearAdd": Binary(node, "Add"); break;
            case "QLinearMul": Binary(node, "Mul"); break;
            case "QLinearSigmoid": Unary(node, "Sigmoid"); break;
            case "QLinearLeakyRelu": Unary(node, "LeakyRelu"); break;
            case "QLinearSoftmax": Unary(node, "Softmax"); break;
            case "QLinearGlobalAveragePool" when node.Attributes.Int("channels_last") == 0: Unary(node, "GlobalAveragePool"); break;
            case "QLinearAveragePool" when node.Attributes.Int("channels_last") == 0: Unary(node, "AveragePool"); break;
            case "QLinearConcat": Concat(node); break;
            case "MaxPool" or "Reshape" or "Transpose" or "Flatten" or "Squeeze" or "Unsqueeze" or "Slice" or "Gather" or "Identity" or "Expand" or "Resize" or "Split": Pass(node); break;
        }
    }

    /// <summary>Graph outputs that were quantized are quantized still.</summary>
    public void Finish()
    {
        foreach (var (name, quantized) in _real)
        {
            if (!edit.IsOutput(name) || edit.Writer(name) is not { } writer || writer.Operator == "QuantizeLinear") continue;
            string[] inputs = quantized.Zero is { } zero ? [quantized.Name, quantized.Scale, zero] : [quantized.Name, quantized.Scale];
            edit.Replace(writer, new Node(writer.Name, "QuantizeLinear", inputs, [name], Attributes.None));
            _kept.Add(writer.Name);
        }
    }

    private void Quantize(Node node)
    {
        if (edit.Constant(node.Inputs[1]) is null) return;
        if (edit.IsOutput(node.Outputs[0])) _kept.Add(node.Name);
        var x = edit.Constant(node.Inputs[0]) is null ? Activated(node.Name, node.Inputs[0], node.Inputs[1], node.Input(2), node) : node.Inputs[0];
        _real[node.Outputs[0]] = new Quantized(x, node.Inputs[1], node.Input(2));
    }

    private void Dequantize(Node node)
    {
        var input = node.Inputs[0];
        if (_real.TryGetValue(input, out var real))
        {
            if (SameScale(real.Scale, node.Inputs[1])) edit.Bypass(node, real.Name);
            return;
        }
        var (axis, block) = (node.Attributes.Int("axis", 1), node.Attributes.Int("block_size"));
        if (edit.Constant(input) is not null)
        {
            if (weights.Get(input, node.Inputs[1], node.Input(2), axis, block) is { } weight) edit.Bypass(node, weight);
            return;
        }
        if (edit.Writer(input) is { Domain.Length: 0, Operator: "Gather" } rows && edit.Constant(node.Inputs[1])?.Count == 1 && weights.Get(rows.Inputs[0], node.Inputs[1], node.Input(2), axis, block) is { } table)
        {
            edit.Replace(node, rows with { Inputs = [table, rows.Inputs[1]], Outputs = node.Outputs, Name = node.Name });
            return;
        }
        if (edit.Writer(input) is null && edit.Constant(node.Inputs[1])?.Count == 1) FromInput(node);
    }

    /// <summary>An input of the graph that comes as integers: (x − zero point)·scale in plain operators.</summary>
    private void FromInput(Node node)
    {
        var zero = node.Input(2) is { } name && edit.Constant(name) is { } tensor ? QuantizedTensor.At(tensor, 0) ?? 0 : 0;
        var (real, centred) = (edit.Fresh($"{node.Name}.real"), edit.Fresh($"{node.Name}.centred"));
        var offset = edit.AddConstant($"{node.Name}.zero", Tensor.Of([(float)zero]));
        edit.Replace(node,
            new Node(real, "Cast", [node.Inputs[0]], [real], Attributes.Of(("to", (long)DataType.Float))),
            new Node(centred, "Sub", [real, offset], [centred], Attributes.None),
            new Node(node.Name, "Mul", [centred, node.Inputs[1]], node.Outputs, Attributes.None));
    }

    private bool SameScale(string a, string b)
        => a == b || (edit.Constant(a) is { } x && edit.Constant(b) is { } y && x.Type == y.Type && x.Data.Span<byte>().SequenceEqual(y.Data.Span<byte>()));

    /// <summary>x and W with their scales and zero points at 0…5, the output's at 6 and 7.</summary>
    private void Linear(Node node, string op, IReadOnlyList<string> inputs, string? bias)
    {
        var axis = op == "Conv" ? 0 : -1;
        if (Real(inputs[0], inputs[1], inputs[2], -1) is not { } x || Real(inputs[3], inputs[4], inputs[5], axis) is not { } w) return;
        string[] reals = bias is null ? [x, w] : weights.Bias(bias, inputs[1], inputs[4]) is { } b ? [x, w, b] : [];
        if (reals.Length > 0) Finish(node, op, reals, inputs[6], inputs[7], node.Attributes);
    }

    private void Gemm(Node node)
    {
        var axis = node.Attributes.Int("transB") != 0 ? 0 : 1;
        if (Real(node.Inputs[0], node.Inputs[1], node.Inputs[2], -1) is not { } a || Real(node.Inputs[3], node.Inputs[4], node.Inputs[5], axis) is not { } b) return;
        string[] reals = node.Input(6) is null ? [a, b] : weights.Bias(node.Inputs[6], node.Inputs[1], node.Inputs[4]) is { } c ? [a, b, c] : [];
        if (reals.Length == 0) return;
        if (node.Input(7) is { } scale) Finish(node, "Gemm", reals, scale, node.Input(8), node.Attributes);
        else edit.Replace(node, new Node(node.Name, "Gemm", reals, node.Outputs, node.Attributes));
    }

    private void Binary(Node node, string op)
    {
        if (Real(node.Inputs[0], node.Inputs[1], node.Input(2), -1) is { } a && Real(node.Inputs[3], node.Inputs[4], node.Input(5), -1) is { } b) Finish(node, op, [a, b], node.Inputs[6], node.Input(7), Attributes.None);
    }

    private void Unary(Node node, string op)
    {
        if (Real(node.Inputs[0], node.Inputs[1], node.Input(2), -1) is not { } x) return;
        var attributes = new Attributes(node.Attributes.Where(a => a.Key is not ("channels_last" or "opset")));
        Finish(node, op, [x], node.Inputs[3], node.Input(4), attributes);
    }

    private void Concat(Node node)
    {
        var reals = new List<string>();
        for (var i = 2; i + 1 < node.Inputs.Count; i += 3)
        {
            if (Real(node.Inputs[i], node.Inputs[i + 1], node.Input(i + 2), -1) is not { } x) return;
            reals.Add(x);
        }
        Finish(node, "Concat", [.. reals], node.Inputs[0], node.Input(1), node.Attributes);
    }

    /// <summary>Operators that only move elements work on the real value; the quantized one stays for readers that nothing rewrites.</summary>
    private void Pass(Node node)
    {
        if (node.Domain.Length > 0 || !_real.TryGetValue(node.Inputs[0], out var real) || node.Outputs.Skip(1).Any(o => o.Length > 0 && node.Operator != "Split")) return;
        string[] outputs = [.. node.Outputs.Select(o => edit.Fresh($"{o}.real"))];
        edit.Replace(node, node, node with { Name = edit.Fresh($"{node.Name}.real"), Inputs = [real.Name, .. node.Inputs.Skip(1)], Outputs = outputs });
        for (var i = 0; i < outputs.Length; i++) _real[node.Outputs[i]] = real with { Name = outputs[i] };
    }

    private string? Real(string value, string scale, string? zero, long axis)
    {
        if (_real.TryGetValue(value, out var real)) return SameScale(real.Scale, scale) ? real.Name : null;
        return weights.Get(value, scale, zero, axis, 0);
    }

    private void Finish(Node node, string op, string[] reals, string scale, string? zero, Attributes attributes)
    {
        var output = edit.Fresh($"{node.Outputs[0]}.real");
        var plain = new Node(node.Name, op, reals, [output], attributes);
        // the old node stays for the moment: a graph output of it is quantized again at the end, else it is dead
        edit.Replace(node, node with { Name = edit.Fresh($"{node.Name}.quantized") }, plain);
        _real[node.Outputs[0]] = new Quantized(Activated(node.Name, output, scale, zero, plain), scale, zero is { Length: > 0 } ? zero : null);
    }

    /// <summary>The value behind the activation that the integer range stood for: none, Relu, or Clip to [0, 6].</summary>
    private string Activated(string name, string value, string scale, string? zero, Node after)
    {
        if (zero is { Length: 0 }) zero = null;
        if (edit.Constant(scale) is not { Count: 1 } factor || !factor.Type.IsFloating()) return value;
        var tensor = zero is null ? null : edit.Constant(zero);
        if (QuantizedTensor.Range(tensor?.Type ?? DataType.UInt8) is not var (least, most) || (tensor is null ? 0 : QuantizedTensor.At(tensor, 0)) != least || IsNeverNegative(value)) return value;
        var limit = (most - least) * (double)factor.ToFloat().Data.Span<float>()[0];
        var result = edit.Fresh($"{name}.activated");
        var isSix = Math.Abs(limit - 6) < 1e-3;
        var inputs = isSix ? new[] { value, edit.AddConstant($"{name}.least", Tensor.Of([0f])), edit.AddConstant($"{name}.most", Tensor.Of([6f])) } : [value];
        edit.Replace(after, after, new Node(result, isSix ? "Clip" : "Relu", inputs, [result], Attributes.None));
        return result;
    }

    private bool IsNeverNegative(string value)
    {
        for (var depth = 0; depth < 8; depth++)
        {
            if (edit.Writer(value) is not { Domain.Length: 0 } writer) return false;
            if (writer.Operator is "Relu" or "Sigmoid" or "Softmax" or "HardSigmoid" or "Softplus" or "Abs" or "Exp") return true;
            if (writer.Operator == "Clip") return edit.Scalar(writer.Input(1)) >= 0;
            if (writer.Operator is not ("MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" or "Reshape" or "Transpose" or "Flatten" or "Squeeze" or "Unsqueeze" or "Identity" or "Dropout")) return false;
            value = writer.Inputs[0];
        }
        return false;
    }

    /// <summary>The real value behind a quantized one, and how it was quantized.</summary>
    private readonly record struct Quantized(string Name, string Scale, string? Zero);
}
