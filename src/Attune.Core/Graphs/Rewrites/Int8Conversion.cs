namespace Attune.Graphs.Rewrites;

/// <summary>
/// Writes matrix products with stored fp32 weights over 8-bit integers, for files that predict: activations become uint8 when they are known (DynamicQuantizeLinear), weights are int8 with a scale for each output, and
/// MatMulInteger sums in int32. Large embedding tables are int8 with a scale for each row. Biases, norms, softmax, attention and convolutions stay fp32. Standard operators only.
/// <para>Weights use the range ±64, not ±127: kernels for CPUs without VNNI add pairs of products in 16 bits, where 2 · 255 · 127 saturates without a word; a file has to give the same answers wherever it runs.</para>
/// </summary>
public static class Int8Conversion
{
    /// <summary>Largest magnitude of a stored weight.</summary>
    private const int Largest = 64, LargestOfTable = 127;

    // Below, scales and extra nodes cost more than the bytes that are saved.
    private const long FewestWeights = 256, FewestOfTable = 1 << 14;

    /// <summary>The graph over integers.</summary>
    /// <param name="graph">A graph in fp32.</param>
    /// <exception cref="ArgumentException">It has no matrix product that could be written so.</exception>
    public static Graph Run(Graph graph)
    {
        var conversion = new Conversion(new GraphEdit(graph));
        foreach (var node in conversion.Edit.Nodes.Where(n => n.Domain.Length == 0))
        {
            if (node.Operator is "MatMul" or "Gemm") conversion.Product(node);
            else if (node.Operator == "Gather") conversion.Lookup(node);
        }
        return conversion.Edit.Changed ? conversion.Edit.Build()
            : throw new ArgumentException("The graph has no matrix product with stored weights of some size, so 8-bit integers would save nothing. Write it as fp32 or fp16.", nameof(graph));
    }

    private sealed class Conversion(GraphEdit edit)
    {
        private readonly Dictionary<string, (string Values, string Scale, string Zero)> _activations = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Weight, bool IsTransposed), (string Values, string Scales)> _weights = [];

        public GraphEdit Edit => edit;

        /// <summary>x · W, with Gemm's factors and its bias behind it.</summary>
        public void Product(Node node)
        {
            var isGemm = node.Operator == "Gemm";
            var (alpha, beta) = isGemm ? (node.Attributes.Float("alpha", 1), node.Attributes.Float("beta", 1)) : (1f, 1f);
            if (isGemm && (node.Attributes.Int("transA", 0) != 0 || alpha != 1 || (beta != 1 && node.Input(2) is not null))) return;
            var isTransposed = isGemm && node.Attributes.Int("transB", 0) != 0;
            var name = node.Inputs[1];
            if (!isGemm && edit.Writer(name, "Transpose") is { } turn && turn.Attributes.Get<long[]>("perm") is [1, 0]) (name, isTransposed) = (turn.Inputs[0], true);
            if (edit.Type(node.Inputs[0]) is not (DataType.Float or DataType.Undefined) || !edit.Weights.TryGet(name, out var weight)) return;
            if (weight.Value is not { Type: DataType.Float, Sizes.Count: 2 } matrix || matrix.Count < FewestWeights) return;
            var (values, scales) = Stored(weight.Name, matrix, isTransposed);
            var x = Quantized(node);
            var (sums, real, scale, product) = (edit.Fresh(node.Name + ".int32"), edit.Fresh(node.Name + ".real"), edit.Fresh(node.Name + ".scale"), node.Outputs[0]);
            if (isGemm && node.Input(2) is not null) product = edit.Fresh(node.Name + ".product");
            List<Node> nodes = [.. x.Nodes,
                new Node(sums, "MatMulInteger", [x.Values, values, x.Zero], [sums], Attributes.None),
                new Node(real, "Cast", [sums], [real], Attributes.Of(("to", (long)DataType.Float))),
                new Node(scale, "Mul", [x.Scale, scales], [scale], Attributes.None),
                new Node(node.Name.Length > 0 && product == node.Outputs[0] ? node.Name : edit.Fresh(scale + "d"), "Mul", [real, scale], [product], Attributes.None)];
            if (product != node.Outputs[0]) nodes.Add(new Node(node.Name, "Add", [product, node.Inputs[2]], [node.Outputs[0]], Attributes.None));
            edit.Replace(node, [.. nodes]);
        }

        /// <summary>Rows of a large table, each with its scale.</summary>
        public void Lookup(Node node)
        {
            if (node.Attributes.Int("axis", 0) != 0 || !edit.Weights.TryGet(node.Inputs[0], out var weight)) return;
            if (weight.Value is not { Type: DataType.Float, Sizes.Count: 2 } table || table.Count < FewestOfTable) return;
            var (rows, width) = (table.Sizes[0], table.Sizes[1]);
            var (integers, scales) = Integers(table.Data.Span<float>(), (int)rows, (int)width, perColumn: false, LargestOfTable);
            var values = edit.AddConstant(weight.Name + ".int8", new Tensor(DataType.Int8, [rows, width], TensorBuffer.From<sbyte>(integers)));
            var scale = edit.AddConstant(weight.Name + ".scale", Tensor.Of(scales, rows, 1));
            var (picked, real, factor) = (edit.Fresh(node.Name + ".int8"), edit.Fresh(node.Name + ".real"), edit.Fresh(node.Name + ".scale"));
            edit.Replace(node,
                new Node(picked, "Gather", [values, node.Inputs[1]], [picked], Attributes.Of(("axis", 0L))),
                new Node(real, "Cast", [picked], [real], Attributes.Of(("to", (long)DataType.Float))),
                new Node(factor, "Gather", [scale, node.Inputs[1]], [factor], Attributes.Of(("axis", 0L))),
                new Node(node.Name, "Mul", [real, factor], [node.Outputs[0]], Attributes.None));
        }

        // One value feeds several products (query, key, value): it is made integer once.
        private (string Values, string Scale, string Zero, List<Node> Nodes) Quantized(Node node)
        {
            if (_activations.TryGetValue(node.Inputs[0], out var known)) return (known.Values, known.Scale, known.Zero, []);
            var made = (Values: edit.Fresh(node.Inputs[0] + ".uint8"), Scale: edit.Fresh(node.Inputs[0] + ".uint8.scale"), Zero: edit.Fresh(node.Inputs[0] + ".uint8.zero"));
            _activations.Add(node.Inputs[0], made);
            return (made.Values, made.Scale, made.Zero, [new Node(made.Values, "DynamicQuantizeLinear", [node.Inputs[0]], [made.Values, made.Scale, made.Zero], Attributes.None)]);
        }

        private (string Values, string Scales) Stored(string name, Tensor matrix, bool isTransposed)
        {
            if (_weights.TryGetValue((name, isTransposed), out var known)) return known;
            var (inputs, outputs) = isTransposed ? ((int)matrix.Sizes[1], (int)matrix.Sizes[0]) : ((int)matrix.Sizes[0], (int)matrix.Sizes[1]);
            var columns = isTransposed ? Turned(matrix.Data.Span<float>(), outputs, inputs) : matrix.Data.Span<float>().ToArray();   // [in, out]
            var (integers, scales) = Integers(columns, inputs, outputs, perColumn: true, Largest);
            var made = (Values: edit.AddConstant(name + ".int8", new Tensor(DataType.Int8, [inputs, outputs], TensorBuffer.From<sbyte>(integers))), Scales: edit.AddConstant(name + ".scale", Tensor.Of(scales, outputs)));
            _weights.Add((name, isTransposed), made);
            return made;
        }
    }

    private static float[] Turned(ReadOnlySpan<float> matrix, int rows, int columns)
    {
        var turned = new float[matrix.Length];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++) turned[c * rows + r] = matrix[r * columns + c];
        }
        return turned;
    }

    /// <summary>round(w / scale) with scale = largest |w| of its column or row / <paramref name="most"/>; 1 where all are zero.</summary>
    private static (sbyte[] Values, float[] Scales) Integers(ReadOnlySpan<float> matrix, int rows, int columns, bool perColumn, int most)
    {
        var scales = new float[perColumn ? columns : rows];
        for (var i = 0; i < matrix.Length; i++)
        {
            ref var scale = ref scales[perColumn ? i % columns : i / columns];
            scale = Math.Max(scale, Math.Abs(matrix[i]));
        }
        for (var i = 0; i < scales.Length; i++) scales[i] = scales[i] > 0 ? scales[i] / most : 1;
        var values = new sbyte[matrix.Length];
        for (var i = 0; i < values.Length; i++) values[i] = (sbyte)Math.Clamp(MathF.Round(matrix[i] / scales[perColumn ? i % columns : i / columns]), -most, most);
        return (values, scales);
    }
}
