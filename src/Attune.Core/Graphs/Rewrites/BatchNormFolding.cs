namespace Attune.Graphs.Rewrites;

/// <summary>
/// BatchNormalization on running statistics folded into the Conv, ConvTranspose or Gemm before it: W′ = W·γ/√(σ² + ε) and
/// b′ = (b − μ)·γ/√(σ² + ε) + β per output channel, computed in double and rounded once. For files that only predict.
/// </summary>
public static class BatchNormFolding
{
    /// <summary>The graph with every fold made; a normalisation whose input others read, or whose weights are computed, stays.</summary>
    public static Graph Run(Graph graph)
    {
        var edit = new GraphEdit(graph);
        foreach (var norm in edit.Nodes)
        {
            if (norm is { Domain.Length: 0, Operator: "BatchNormalization" } && edit.Holds(norm)) Fold(edit, norm);
        }
        return edit.Build();
    }

    private static void Fold(GraphEdit edit, Node norm)
    {
        if (edit.Writer(norm.Inputs[0]) is not { Domain.Length: 0, Operator: "Conv" or "ConvTranspose" or "Gemm" } linear || edit.OnlyReader(norm.Inputs[0]) is null) return;
        if (edit.Constant(linear.Inputs[1]) is not { } weight || !weight.Type.IsFloating() || Factors(edit, norm) is not { } factors) return;
        var channels = factors.Scale.Length;
        var beta = linear.Operator == "Gemm" && linear.Input(2) is not null ? linear.Attributes.Float("beta", 1) : 1;
        if (Bias(edit, linear, channels) is not { } bias || beta == 0) return;
        var (axis, groups) = ChannelAxis(linear, weight);
        if (axis >= weight.Sizes.Count || weight.Sizes[axis] * groups != channels || weight.Sizes[0] % groups != 0) return;

        var folded = new double[channels];
        for (var c = 0; c < channels; c++) folded[c] = bias[c] * factors.Scale[c] + factors.Shift[c] / beta;
        var scaled = edit.AddConstant($"{linear.Inputs[1]}.folded", Scaled(weight, factors.Scale, axis, groups));
        var shift = edit.AddConstant($"{linear.Input(2) ?? norm.Inputs[2]}.folded", Tensor.Of(folded, channels).ToFloating(weight.Type));
        edit.Remove(norm);
        edit.Replace(linear, WithBeta(linear, beta) with { Inputs = [linear.Inputs[0], Owned(edit, linear.Inputs[1], scaled), Owned(edit, linear.Input(2) ?? norm.Inputs[2], shift)], Outputs = [norm.Outputs[0]] });
    }

    private static Node WithBeta(Node linear, float beta)
        => linear.Attributes.ContainsKey("beta") ? linear with { Attributes = new Attributes(linear.Attributes.Where(a => a.Key != "beta").Append(KeyValuePair.Create("beta", (object)beta))) } : linear;

    /// <summary>The folded weight keeps its source's name when nothing else reads the source.</summary>
    private static string Owned(GraphEdit edit, string source, string folded)
    {
        if (!edit.Weights.TryGet(source, out var weight) || weight.Name != source || edit.IsOutput(source) || edit.Readers(source).Count > 1) return folded;
        edit.SetWeight(source, edit.Weights[folded].Value);
        return source;
    }

    private static (double[] Scale, double[] Shift)? Factors(GraphEdit edit, Node norm)
    {
        var parts = new double[4][];
        for (var i = 0; i < 4; i++)
        {
            if (edit.Constant(norm.Inputs[i + 1]) is not { } tensor || !tensor.Type.IsFloating()) return null;
            parts[i] = tensor.ToFloating(DataType.Double).Data.Span<double>().ToArray();
        }
        var epsilon = norm.Attributes.Float("epsilon", 1e-5f);
        double[] scale = [.. parts[0].Zip(parts[3], (gamma, variance) => gamma / Math.Sqrt(variance + epsilon))];
        return (scale, [.. parts[1].Zip(parts[2], scale).Select(p => p.First - p.Second * p.Third)]);
    }

    private static double[]? Bias(GraphEdit edit, Node linear, int channels)
    {
        if (linear.Input(2) is not { } name) return new double[channels];
        if (edit.Constant(name) is not { } tensor || !tensor.Type.IsFloating() || (tensor.Count != channels && tensor.Count != 1)) return null;
        if (tensor.Count == channels && tensor.Sizes.Count > 0 && tensor.Sizes[^1] != channels) return null;   // Gemm's C may stand along the rows
        var values = tensor.ToFloating(DataType.Double).Data.Span<double>();
        var bias = new double[channels];
        for (var c = 0; c < channels; c++) bias[c] = values[values.Length == 1 ? 0 : c];
        return bias;
    }

    /// <summary>The weight's axis of output channels, and into how many groups they are divided along axis 0.</summary>
    private static (int Axis, int Groups) ChannelAxis(Node linear, Tensor weight) => linear.Operator switch
    {
        "Gemm" => (linear.Attributes.Int("transB") != 0 ? 0 : 1, 1),
        "Conv" => (0, 1),
        _ => (1, (int)Math.Clamp(linear.Attributes.Int("group", 1), 1, Math.Max(1, weight.Sizes[0]))),
    };

    private static Tensor Scaled(Tensor weight, double[] scale, int axis, int groups)
    {
        var values = weight.ToFloating(DataType.Double).Data.Copy();
        var inner = weight.Sizes.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        var size = weight.Sizes[axis];
        var rows = axis == 0 ? 1 : weight.Sizes[0];
        for (long row = 0; row < rows; row++)
        {
            var first = groups == 1 ? 0 : row / (rows / groups) * size;
            for (long c = 0; c < size; c++)
            {
                for (long i = 0; i < inner; i++) values.Span<double>((row * size + c) * inner + i, 1)[0] *= scale[first + c];
            }
        }
        return new Tensor(DataType.Double, weight.Sizes, values).ToFloating(weight.Type);
    }
}
