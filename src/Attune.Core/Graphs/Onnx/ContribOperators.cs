namespace Attune.Graphs.Onnx;

/// <summary>
/// ONNX Runtime's fused operators (domain <c>com.microsoft</c>) as nodes of ONNX's own domain: normalisations with a residual sum, GELUs, fused
/// Gemm, MatMul and Conv, attention. What has no plain meaning (past keys, relative biases) is refused by name.
/// </summary>
internal static class ContribOperators
{
    /// <summary>ONNX Runtime's domain.</summary>
    public const string Domain = "com.microsoft";

    /// <summary>Writes the nodes that stand for <paramref name="node"/>; false when the operator is not one of these.</summary>
    /// <exception cref="NotSupportedException">The node uses a part that is not read; says which.</exception>
    public static bool Expand(Node node, NodeWriter writer)
    {
        var least = Least(node.Operator);
        if (least == 0) return false;
        if (node.Inputs.Take(least).Count(i => i.Length > 0) < least || node.Output(0) is null) throw new NotSupportedException($"needs at least {least} inputs and an output");
        switch (node.Operator)
        {
            case "LayerNormalization" or "RMSNormalization": writer.Add(node with { Domain = "" }); return true;
            case "SimplifiedLayerNormalization": Rms(node, writer, node.Inputs[0], node.Inputs[1], node.Outputs[0]); return true;
            case "SkipLayerNormalization": Skip(node, writer, node.Input(3), node.Input(4), layer: true); return true;
            case "SkipSimplifiedLayerNormalization": Skip(node, writer, null, node.Input(3), layer: false); return true;
            case "EmbedLayerNormalization": ContribEmbedding.Expand(node, writer); return true;
            case "Gelu": writer.Finish(node, "Gelu", [node.Inputs[0]]); return true;
            case "FastGelu": writer.Finish(node, "Gelu", [Biased(node, writer)], Attributes.Of(("approximate", "tanh"))); return true;
            case "BiasGelu": writer.Finish(node, "Gelu", [Biased(node, writer)]); return true;
            case "QuickGelu": QuickGelu(node, writer); return true;
            case "FusedGemm": Activated(node, writer, "Gemm", node.Inputs); return true;
            case "FusedConv": FusedConv(node, writer); return true;
            case "FusedMatMul": FusedMatMul(node, writer); return true;
            case "Attention": ContribAttention.Packed(node, writer); return true;
            case "MultiHeadAttention": ContribAttention.MultiHead(node, writer); return true;
            default: return false;
        }
    }

    /// <summary>Inputs that an operator cannot do without; 0 for operators that are not expanded here.</summary>
    private static int Least(string op) => op switch
    {
        "SimplifiedLayerNormalization" or "LayerNormalization" or "RMSNormalization" or "BiasGelu" or "FusedGemm" or "FusedConv" or "FusedMatMul" or "Attention" => 2,
        "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization" => 3,
        "EmbedLayerNormalization" or "Gelu" or "FastGelu" or "QuickGelu" or "MultiHeadAttention" => 1,
        _ => 0,
    };

    /// <summary>x + bias when the second input is given.</summary>
    private static string Biased(Node node, NodeWriter writer) => node.Input(1) is { } bias ? writer.Emit(node, "Add", [node.Inputs[0], bias]) : node.Inputs[0];

    private static void Rms(Node node, NodeWriter writer, string x, string gamma, string output)
        => writer.Add(new Node(node.Name, "RMSNormalization", [x, gamma], [output], Attributes.Of(("axis", node.Attributes.Int("axis", -1)), ("epsilon", node.Attributes.Float("epsilon", 1e-5f)))));

    /// <summary>norm(x + skip + bias); the sum may be read too, as the last output.</summary>
    private static void Skip(Node node, NodeWriter writer, string? beta, string? bias, bool layer)
    {
        if (node.Output(1) is not null || node.Output(2) is not null) throw new NotSupportedException("gives its mean or variance to other nodes");
        var sum = writer.Emit(node, "Add", [node.Inputs[0], node.Inputs[1]]);
        if (bias is not null) sum = writer.Emit(node, "Add", [sum, bias]);
        if (node.Output(3) is { } total)
        {
            writer.Add(new Node($"{node.Name}.sum", "Identity", [sum], [total], Attributes.None));
            sum = total;
        }
        if (!layer)
        {
            Rms(node, writer, sum, node.Inputs[2], node.Outputs[0]);
            return;
        }
        writer.Finish(node, "LayerNormalization", beta is null ? [sum, node.Inputs[2]] : [sum, node.Inputs[2], beta], Attributes.Of(("axis", -1L), ("epsilon", node.Attributes.Float("epsilon", 1e-12f))));
    }

    private static void QuickGelu(Node node, NodeWriter writer)
    {
        var x = node.Inputs[0];
        var scaled = writer.Emit(node, "Mul", [x, writer.Scalar(node, node.Attributes.Float("alpha", 1.702f), writer.Type(x))]);
        writer.Finish(node, "Mul", [x, writer.Emit(node, "Sigmoid", [scaled])]);
    }

    private static void FusedConv(Node node, NodeWriter writer)
    {
        if (node.Input(3) is not { } residual)
        {
            Activated(node, writer, "Conv", node.Inputs);
            return;
        }
        var plain = node with { Attributes = Without(node.Attributes, "activation", "activation_params") };
        string[] inputs = [.. node.Inputs.Take(3)];
        var sum = writer.Emit(node, "Add", [writer.Emit(node, "Conv", inputs[2].Length == 0 ? inputs[..2] : inputs, plain.Attributes), residual]);
        Activate(node, writer, sum);
    }

    private static void Activated(Node node, NodeWriter writer, string op, IReadOnlyList<string> inputs)
    {
        var attributes = Without(node.Attributes, "activation", "activation_params", "activation_alpha", "activation_beta", "activation_gamma");
        if (node.Attributes.Text("activation").Length == 0) writer.Finish(node, op, [.. inputs], attributes);
        else Activate(node, writer, writer.Emit(node, op, [.. inputs], attributes));
    }

    private static void Activate(Node node, NodeWriter writer, string value)
    {
        var name = node.Attributes.Text("activation");
        var numbers = node.Attributes.Get<float[]>("activation_params") ?? [];
        var alpha = numbers.Length > 0 ? numbers[0] : node.Attributes.Float("activation_alpha", float.NaN);
        var beta = numbers.Length > 1 ? numbers[1] : node.Attributes.Float("activation_beta", float.NaN);
        var type = writer.Type(node.Inputs[0]);
        switch (name)
        {
            case "": writer.Finish(node, "Identity", [value]); break;
            case "Relu" or "Tanh" or "Sigmoid" or "Softplus": writer.Finish(node, name, [value]); break;
            case "LeakyRelu" or "Elu": writer.Finish(node, name, [value], float.IsNaN(alpha) ? null : Attributes.Of(("alpha", alpha))); break;
            case "HardSigmoid": writer.Finish(node, name, [value], float.IsNaN(alpha) ? null : Attributes.Of(("alpha", alpha), ("beta", float.IsNaN(beta) ? 0.5f : beta))); break;
            case "Clip" when numbers.Length == 2: writer.Finish(node, name, [value, writer.Scalar(node, alpha, type), writer.Scalar(node, beta, type)]); break;
            default: throw new NotSupportedException($"has the activation '{name}', which is not read here");
        }
    }

    /// <summary>α·op(A)·op(B), where op swaps the last two axes.</summary>
    private static void FusedMatMul(Node node, NodeWriter writer)
    {
        if (node.Attributes.Int("transBatchA") != 0 || node.Attributes.Int("transBatchB") != 0) throw new NotSupportedException("moves the batch axis (transBatchA or transBatchB)");
        var a = node.Attributes.Int("transA") != 0 ? Turned(node, writer, node.Inputs[0]) : node.Inputs[0];
        var b = node.Attributes.Int("transB") != 0 ? Turned(node, writer, node.Inputs[1]) : node.Inputs[1];
        var alpha = node.Attributes.Float("alpha", 1);
        if (alpha == 1) writer.Finish(node, "MatMul", [a, b]);
        else writer.Finish(node, "Mul", [writer.Emit(node, "MatMul", [a, b]), writer.Scalar(node, alpha, writer.Type(node.Inputs[0]))]);
    }

    private static string Turned(Node node, NodeWriter writer, string value)
    {
        if (writer.Shape(value) is not { Rank: > 1 } shape) throw new NotSupportedException($"transposes '{value}', whose rank is not known");
        long[] perm = [.. Enumerable.Range(0, shape.Rank - 2).Select(i => (long)i), shape.Rank - 1, shape.Rank - 2];
        return writer.Emit(node, "Transpose", [value], Attributes.Of(("perm", perm)));
    }

    private static Attributes Without(Attributes attributes, params string[] names) => new(attributes.Where(a => !names.Contains(a.Key)));
}
