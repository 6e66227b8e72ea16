namespace Attune.Graphs.Operators;

/// <summary>Every operator that Attune knows, alphabetically.</summary>
public static class OperatorCatalog
{
    private static readonly Dictionary<(string Domain, string Name), Operator> _byName;

    static OperatorCatalog() => _byName = All.ToDictionary(o => (o.Domain, o.Name));

    /// <summary>All operators, alphabetically.</summary>
    public static IReadOnlyList<Operator> All { get; } =
    [
        new Abs(),
        new Add(),
        new And(),
        new ArgMax(),
        new ArgMin(),
        new Attention(),
        new AveragePool(),
        new BatchNormalization(),
        new Cast(),
        new Ceil(),
        new Celu(),
        new Clip(),
        new Concat(),
        new Constant(),
        new ConstantOfShape(),
        new Conv(),
        new Cos(),
        new CumSum(),
        new DequantizeLinear(),
        new Div(),
        new Dropout(),
        new Elu(),
        new Equal(),
        new Erf(),
        new Exp(),
        new Expand(),
        new Flatten(),
        new Floor(),
        new Gather(),
        new GatherElements(),
        new Gelu(),
        new Gemm(),
        new GlobalAveragePool(),
        new GlobalMaxPool(),
        new Greater(),
        new GreaterOrEqual(),
        new HardSigmoid(),
        new HardSwish(),
        new Hardmax(),
        new Identity(),
        new If(),
        new InstanceNormalization(),
        new IsInf(),
        new IsNaN(),
        new LSTM(),
        new LabelEncoder(),
        new LayerNormalization(),
        new LeakyRelu(),
        new Less(),
        new LessOrEqual(),
        new Log(),
        new LogSoftmax(),
        new MatMul(),
        new Max(),
        new MaxPool(),
        new Mean(),
        new Min(),
        new Mish(),
        new Mod(),
        new Mul(),
        new Neg(),
        new Not(),
        new OneHot(),
        new Or(),
        new PRelu(),
        new Pad(),
        new Pow(),
        new QuantizeLinear(),
        new RMSNormalization(),
        new Range(),
        new Reciprocal(),
        new ReduceL1(),
        new ReduceL2(),
        new ReduceLogSum(),
        new ReduceLogSumExp(),
        new ReduceMax(),
        new ReduceMean(),
        new ReduceMin(),
        new ReduceProd(),
        new ReduceSum(),
        new ReduceSumSquare(),
        new Relu(),
        new Reshape(),
        new Round(),
        new Selu(),
        new ShapeOf(),
        new Sigmoid(),
        new Sign(),
        new Sin(),
        new Size(),
        new Slice(),
        new Softmax(),
        new Softplus(),
        new Softsign(),
        new Split(),
        new Sqrt(),
        new Squeeze(),
        new Sub(),
        new Sum(),
        new Tan(),
        new Tanh(),
        new ThresholdedRelu(),
        new Tile(),
        new TopK(),
        new Transpose(),
        new Trilu(),
        new Unsqueeze(),
        new Where(),
        new Xor(),
    ];

    /// <summary>The operator, or null when Attune does not know it. Domain "ai.onnx" is the same as "".</summary>
    public static Operator? Find(string domain, string name) => _byName.GetValueOrDefault((domain == "ai.onnx" ? "" : domain, name));

    /// <summary>Why an operator is refused: it does not exist, or exists and is not run (yet). Null when it is known.</summary>
    internal static string? Refusal(string domain, string name)
    {
        if (Find(domain, name) is not null || domain == Node.AttuneDomain) return null;
        if (domain is not ("" or "ai.onnx")) return $"operator '{name}' of domain '{domain}' is not one that Attune runs";
        if (name is "Loop" or "Scan") return $"operator '{name}' exists in ONNX, but Attune does not run loops; export the model with the loop unrolled";
        if (OnnxOperatorNames.Standard.Contains(name)) return $"operator '{name}' exists in ONNX, but Attune does not run it yet";
        return $"'{name}' is not an ONNX operator (domain ai.onnx, up to opset {Graph.OperatorSet}).{NearestName.Hint(name, OnnxOperatorNames.Standard)}";
    }
}
