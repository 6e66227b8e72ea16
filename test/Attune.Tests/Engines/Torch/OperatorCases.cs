using Attune.Graphs;
using Attune.Weights;

namespace Attune.Tests.Engines.Torch;

/// <summary>Small inputs for every operator, away from kinks and ties, so that differences are smooth.</summary>
internal static class OperatorCases
{
    private static int _seed;   // before the tables, which are filled in this order

    private static Operand Absent { get; } = new(OperandRole.Absent, [], []);

    /// <summary>Operators without a gradient, each with the reason.</summary>
    public static IReadOnlyDictionary<string, string> NotDifferentiable { get; } = new (string Reason, string[] Operators)[]
    {
        ("a mark that passes its input on; TextModelTests shows what it does", ["AttentionDropout"]),
        ("a mark that lets no gradient through; PeftAdapterTests compares with PEFT's", ["StopGradient"]),
        ("truth values", ["And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor"]),
        ("integers", ["ArgMax", "ArgMin", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "ConvInteger", "MatMulInteger", "NonMaxSuppression", "NonZero", "Shape", "Size"]),
        ("constant between its steps", ["Ceil", "Floor", "Hardmax", "Round", "Sign"]),
        ("rounds to 8 bits", ["DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul", "QuantizeLinear"]),
        ("no real input", ["BlackmanWindow", "Constant", "ConstantOfShape", "EyeLike", "HammingWindow", "HannWindow", "MelWeightMatrix"]),
    }.SelectMany(g => g.Operators.Select(o => (o, g.Reason))).ToDictionary(o => o.o, o => o.Reason);

    /// <summary>Cases that ONNX Runtime on a CPU does not run, each with the reason.</summary>
    public static IReadOnlyDictionary<string, string> NotInRuntime { get; } = new Dictionary<string, string>
    {
        ["Scatter"] = "gone since opset 11",
    };

    /// <summary>Operators whose newest version ONNX Runtime does not run on a CPU: written in an older opset with the same meaning.</summary>
    public static IReadOnlyDictionary<string, int> RuntimeOpset { get; } = new Dictionary<string, int> { ["GlobalLpPool"] = 21, ["MaxRoiPool"] = 21, ["RoiAlign"] = 21 };

    /// <summary>Cases with real inputs.</summary>
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        new("Abs", [Away(2, 3)]),
        new("Acos", [Between(-0.8, 0.8, 2, 3)]),
        new("Acosh", [Between(1.2, 2, 2, 3)]),
        new("Add", [X(2, 3), X(3)]),
        new("AffineGrid", [X(2, 2, 3), I([4], 2, 1, 2, 3)], A(("align_corners", 1L)), 1, "2D"),
        new("AffineGrid", [X(1, 3, 4), I([5], 1, 1, 2, 3, 2)], null, 1, "3D"),
        new("Asin", [Between(-0.8, 0.8, 2, 3)]),
        new("Asinh", [X(2, 3)]),
        new("Atan", [X(2, 3)]),
        new("Atanh", [Between(-0.8, 0.8, 2, 3)]),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 5, 4), X(1, 2, 5, 4), W(3, 5)], null, 1, "4D"),
        new("Attention", [X(1, 3, 8), X(1, 3, 4), X(1, 3, 4)], A(("q_num_heads", 4L), ("kv_num_heads", 2L), ("is_causal", 1L), ("scale", 0.4f)), 1, "3D grouped causal"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 5, 4), X(1, 2, 5, 2), W(3, 5)], A(("softcap", 0.5f)), 1, "capped"),
        new("AveragePool", [X(1, 2, 5, 5)], A(("kernel_shape", L(3, 2)), ("strides", L(2, 1)), ("pads", L(1, 0, 1, 1)))),
        new("AveragePool", [X(1, 2, 5, 5)], A(("kernel_shape", L(2, 2)), ("strides", L(2, 2)), ("pads", L(0, 1, 0, 0)), ("ceil_mode", 1L), ("count_include_pad", 1L)), 1, "padding counted"),
        new("BatchNormalization", [X(2, 3, 2), X(3), X(3), W(3), Wr(0.5, 1.5, 3)]),
        new("Cast", [X(2, 3)], A(("to", 11L))),
        new("CastLike", [X(2, 3), W(1)]),
        new("Celu", [Away(2, 3)], A(("alpha", 0.7f))),
        new("CenterCropPad", [X(3, 5), I([2], 6, 2)]),
        new("Clip", [Away(2, 3), Wv(-0.75), Wv(0.7)]),
        new("Col2Im", [X(1, 8, 4), I([2], 3, 3), I([2], 2, 2)]),
        new("Col2Im", [X(1, 4, 6), I([2], 3, 4), I([2], 2, 2)], A(("pads", L(1, 1, 1, 1)), ("strides", L(2, 2))), 1, "padded"),
        new("Compress", [X(3, 2), B([3], true, false, true)], A(("axis", 0L))),
        new("Concat", [X(2, 3), X(2, 1)], A(("axis", 1L))),
        new("Conv", [X(1, 2, 5, 5), X(4, 1, 3, 3), X(4)], A(("kernel_shape", L(3, 3)), ("group", 2L), ("strides", L(2, 1)), ("pads", L(1, 0, 1, 1)), ("dilations", L(1, 2)))),
        new("Conv", [X(2, 2, 7), X(3, 2, 3)], null, 1, "1D"),
        new("Conv", [X(1, 1, 3, 3, 3), X(2, 1, 2, 2, 2), X(2)], null, 1, "3D"),
        new("ConvTranspose", [X(1, 2, 3, 3), X(2, 2, 3, 3), X(2)], A(("strides", L(2, 2)), ("pads", L(1, 1, 0, 1)), ("output_padding", L(1, 0)))),
        new("Cos", [X(2, 3)]),
        new("Cosh", [X(2, 3)]),
        new("CumSum", [X(2, 4), I([], 1)], A(("exclusive", 1L), ("reverse", 1L))),
        new("DFT", [X(1, 5, 1), Absent, I([], 1)]),
        new("DFT", [X(1, 6, 2), I([], 4), I([], 1)], A(("inverse", 1L)), 1, "inverse"),
        new("DFT", [X(1, 3, 6, 1), Absent, I([], 2)], A(("onesided", 1L)), 1, "one side"),
        new("DeformConv", [X(1, 2, 4, 4), X(2, 2, 2, 2), Between(0.05, 0.45, 1, 8, 3, 3), X(2), X(1, 4, 3, 3)], A(("kernel_shape", L(2, 2)))),
        new("DepthToSpace", [X(1, 8, 2, 2)], A(("blocksize", 2L), ("mode", "CRD"))),
        new("DequantizeLinear", [Bytes([2, 3], 1, 7, 200, 9, 128, 31), Between(0.5, 1.5, 3), Bytes([3], 3, 128, 9)], A(("axis", 1L))),
        new("Det", [X(2, 3, 3)]),
        new("Div", [X(2, 3), Between(0.5, 1.5, 3)]),
        new("Dropout", [X(2, 3)]),
        new("Einsum", [X(2, 3), X(2, 4), X(4)], A(("equation", "ab,ac,c->bc"))),
        new("Elu", [Away(2, 3)], A(("alpha", 0.7f))),
        new("Erf", [X(2, 3)]),
        new("Exp", [X(2, 3)]),
        new("Expand", [X(3, 1), I([3], 2, 1, 4)]),
        new("Flatten", [X(2, 3, 2)], A(("axis", 2L))),
        new("GRU", [X(3, 2, 3), X(1, 6, 3), X(1, 6, 2), X(1, 12), Absent, X(1, 2, 2)], A(("hidden_size", 2L), ("linear_before_reset", 1L)), 2),
        new("GRU", [X(3, 2, 3), X(2, 6, 3), X(2, 6, 2), X(2, 12)], A(("hidden_size", 2L), ("direction", "bidirectional")), 2, "both ways"),
        new("Gather", [X(3, 4), I([2, 2], 0, -1, 2, 0)], A(("axis", 1L))),
        new("GatherElements", [X(3, 3), I([2, 3], 0, -1, 2, 0, 1, 1)], A(("axis", 0L))),
        new("GatherND", [X(2, 3, 2), I([2, 2], 0, 1, 1, -1)]),
        new("Gelu", [Between(-2, 2, 2, 3)]),
        new("Gelu", [Between(-2, 2, 2, 3)], A(("approximate", "tanh")), 1, "tanh"),
        new("Gemm", [X(3, 2), X(4, 3), X(4)], A(("transA", 1L), ("transB", 1L), ("alpha", 0.5f), ("beta", 2f))),
        new("Gemm", [X(2, 3), X(4, 3), X(4)], A(("transB", 1L)), 1, "linear"),
        new("GlobalAveragePool", [X(2, 2, 3, 2)]),
        new("GlobalLpPool", [Away(2, 2, 3, 2)], A(("p", 3L))),
        new("GlobalMaxPool", [X(2, 2, 3, 2)]),
        new("GridSample", [X(1, 2, 4, 5), Between(-0.9, 0.9, 1, 3, 2, 2)], A(("align_corners", 0L))),
        new("GridSample", [X(1, 2, 4, 5), Between(-1.3, 1.3, 1, 3, 2, 2)], A(("align_corners", 1L), ("padding_mode", "reflection")), 1, "reflection"),
        new("GridSample", [X(1, 1, 5, 5), Between(-0.9, 0.9, 1, 3, 2, 2)], A(("mode", "cubic"), ("padding_mode", "border")), 1, "cubic"),
        new("GroupNormalization", [X(2, 4, 3), X(4), X(4)], A(("num_groups", 2L))),
        new("HardSigmoid", [Between(-4, 4, 2, 3)], A(("alpha", 0.2f), ("beta", 0.45f))),
        new("HardSwish", [Between(-4, 4, 2, 5)]),
        new("Identity", [X(2, 3)]),
        new("If", [Given(new Tensor(DataType.Bool, [], TensorBuffer.From<bool>([true]))), X(2, 3), X(2, 3)], Branches()),
        new("InstanceNormalization", [X(2, 2, 3), X(2), X(2)]),
        new("LRN", [X(1, 4, 2, 2)], A(("size", 3L), ("alpha", 0.3f), ("beta", 0.6f), ("bias", 1.2f))),
        new("LSTM", [X(3, 2, 3), X(1, 8, 3), X(1, 8, 2), X(1, 16), Absent, X(1, 2, 2), X(1, 2, 2), X(1, 6)], A(("hidden_size", 2L)), 3),
        new("LSTM", [X(3, 2, 3), X(2, 8, 3), X(2, 8, 2), X(2, 16), Given(Ints32([2], 3, 2))], A(("hidden_size", 2L), ("direction", "bidirectional")), 3, "both ways, ragged"),
        new("LayerNormalization", [X(2, 2, 4), X(4), X(4)]),
        new("LayerNormalization", [X(2, 2, 4), X(2, 4)], A(("axis", 1L), ("epsilon", 0.01f)), 1, "two axes"),
        new("LeakyRelu", [Away(2, 3)], A(("alpha", 0.1f))),
        new("Log", [Between(0.5, 1.5, 2, 3)]),
        new("LogSoftmax", [X(2, 3)], A(("axis", 0L))),
        new("LpNormalization", [Away(2, 3)], A(("p", 1L))),
        new("LpNormalization", [Away(2, 3)], A(("axis", 0L)), 1, "p 2"),
        new("LpPool", [Away(1, 2, 5, 5)], A(("kernel_shape", L(2, 3)), ("strides", L(2, 1)), ("pads", L(1, 0, 0, 1)))),
        new("LpPool", [Away(1, 2, 6)], A(("kernel_shape", L(3)), ("p", 3L), ("dilations", L(2))), 1, "p 3, dilated"),
        new("MatMul", [X(2, 2, 3), X(3, 2)]),
        new("Max", [X(2, 3), Between(-1.013, 0.987, 3), Between(-0.951, 1.1, 2, 1)]),
        new("MaxPool", [X(1, 2, 5, 5)], A(("kernel_shape", L(3, 2)), ("strides", L(2, 2)), ("pads", L(1, 0, 1, 1)))),
        new("MaxPool", [X(1, 2, 5, 5)], A(("kernel_shape", L(2, 2)), ("dilations", L(2, 1)), ("ceil_mode", 1L)), 2, "with places"),
        new("MaxRoiPool", [X(1, 2, 6, 6), Wv2([2, 5], 0, 0, 0, 3, 4, 0, 1, 2, 5, 5)], A(("pooled_shape", L(2, 2)))),
        new("MaxUnpool", [X(1, 1, 2, 2), I([1, 1, 2, 2], 0, 3, 9, 14)], A(("kernel_shape", L(2, 2)), ("strides", L(2, 2)))),
        new("Mean", [X(2, 3), X(3), X(2, 1)]),
        new("MeanVarianceNormalization", [X(2, 2, 3, 2)]),
        new("Min", [X(2, 3), Between(-1.013, 0.987, 3), Between(-0.951, 1.1, 2, 1)]),
        new("Mish", [Between(-2, 2, 2, 3)]),
        new("Mod", [Between(1.05, 1.45, 2, 3), Between(0.8, 0.95, 3)], A(("fmod", 1L))),
        new("Mul", [X(2, 3), X(2, 1)]),
        new("Neg", [X(2, 3)]),
        new("NegativeLogLikelihoodLoss", [X(3, 4, 2), I([3, 2], 0, 3, 1, 2, 2, 0), Wr(0.5, 1.5, 4)], A(("ignore_index", 2L))),
        new("OneHot", [I([3], 0, 2, -1), I([], 4), X(2)]),
        new("PRelu", [Away(2, 3), X(3)]),
        new("Pad", [X(3, 4), I([4], 1, 2, 0, 1)], A(("mode", "reflect"))),
        new("Pad", [X(3, 4), I([2], -1, 2), X(), I([1], 1)], null, 1, "value, axes"),
        new("Pad", [X(3, 4), I([4], 1, 2, 2, 1)], A(("mode", "edge")), 1, "edge"),
        new("Pad", [X(3, 4), I([4], 1, 2, 2, 1)], A(("mode", "wrap")), 1, "wrap"),
        new("Pow", [Between(0.5, 1.5, 2, 3), Between(1.0, 2, 3)]),
        new("RMSNormalization", [X(2, 2, 4), X(4)]),
        new("RMSNormalization", [X(2, 2, 4), X(2, 4)], A(("axis", 1L), ("epsilon", 0.01f)), 1, "two axes"),
        new("RNN", [X(3, 2, 3), X(1, 2, 3), X(1, 2, 2), X(1, 4), Absent, X(1, 2, 2)], A(("hidden_size", 2L), ("direction", "reverse")), 2),
        new("Range", [Between(0.2, 0.3), Wv(2.7), Between(0.4, 0.6)]),
        new("Reciprocal", [Between(0.5, 1.5, 2, 3)]),
        new("ReduceL1", [Away(2, 3, 2), I([2], 0, 2)]),
        new("ReduceL2", [Away(2, 3, 2), I([1], 1)], A(("keepdims", 0L))),
        new("ReduceLogSum", [Between(0.5, 1.5, 2, 3), I([1], 1)]),
        new("ReduceLogSumExp", [X(2, 3)]),
        new("ReduceMax", [X(2, 3, 2), I([2], 0, -1)]),
        new("ReduceMean", [X(2, 3, 2), I([1], 1)]),
        new("ReduceMin", [X(2, 3, 2), I([1], 1)], A(("keepdims", 0L))),
        new("ReduceProd", [Away(2, 3, 2), I([2], 1, 2)]),
        new("ReduceSum", [X(2, 3, 2), I([1], 1)]),
        new("ReduceSumSquare", [X(2, 3, 2), I([1], 1)]),
        new("Relu", [Away(2, 3)]),
        new("Reshape", [X(4, 3, 2), I([3], 2, 0, -1)]),
        new("Resize", [X(1, 1, 4, 4), Absent, F([4], 1, 1, 1.5f, 0.6f)], A(("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))),
        new("Resize", [X(1, 1, 6, 6), Absent, Absent, I([4], 1, 1, 3, 4)], A(("mode", "linear"), ("antialias", 1L)), 1, "linear antialias"),
        new("Resize", [X(1, 1, 6, 6), Absent, Absent, I([4], 1, 1, 3, 4)], A(("mode", "cubic"), ("antialias", 1L)), 1, "cubic antialias"),
        new("Resize", [X(1, 1, 4, 4), Absent, Absent, I([4], 1, 1, 7, 8)], A(("mode", "cubic"), ("coordinate_transformation_mode", "align_corners")), 1, "cubic aligned"),
        new("Resize", [X(1, 1, 4, 4), Absent, Absent, I([4], 1, 1, 7, 2)], A(("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")), 1, "nearest"),
        new("ReverseSequence", [X(4, 3), I([3], 2, 4, 1)]),
        new("RoiAlign", [X(1, 2, 6, 6), Wv2([2, 4], 0.3, 0.4, 4.1, 3.7, 1.2, 2.1, 5.3, 5.2), I([2], 0, 0)], A(("output_height", 2L), ("output_width", 3L), ("sampling_ratio", 2L))),
        new("RotaryEmbedding", [X(2, 2, 3, 4), X(5, 2), X(5, 2), I([2, 3], 0, 1, 2, 4, 3, 2)]),
        new("RotaryEmbedding", [X(1, 3, 12), X(1, 3, 2), X(1, 3, 2)], A(("num_heads", 2L), ("interleaved", 1L), ("rotary_embedding_dim", 4L)), 1, "3D interleaved part"),
        new("STFT", [X(1, 16, 1), I([], 4), W(8), I([], 8)]),
        new("Scatter", [X(3, 3), I([2, 3], 0, 1, 2, 2, 0, 1), X(2, 3)], A(("axis", 0L))),
        new("ScatterElements", [X(3, 3), I([2, 3], 0, 1, 2, 2, 0, 1), X(2, 3)], A(("axis", 0L))),
        new("ScatterElements", [X(3, 3), I([2, 3], 0, 1, 2, 0, 0, 1), X(2, 3)], A(("axis", 0L), ("reduction", "add")), 1, "add"),
        new("ScatterElements", [Away(3, 3), I([2, 3], 0, 1, 2, 0, 0, 1), Away(2, 3)], A(("axis", 0L), ("reduction", "mul")), 1, "mul"),
        new("ScatterElements", [X(3, 3), I([2, 3], 0, 1, 2, 0, 0, 1), Between(-0.997, 1.031, 2, 3)], A(("axis", 0L), ("reduction", "max")), 1, "max"),
        new("ScatterND", [X(3, 2), I([2, 1], 2, 0), X(2, 2)]),
        new("ScatterND", [X(3, 2), I([3, 1], 2, 0, 2), X(3, 2)], A(("reduction", "add")), 1, "add"),
        new("ScatterND", [X(3, 2), I([3, 1], 2, 0, 2), Between(-0.997, 1.031, 3, 2)], A(("reduction", "min")), 1, "min"),
        new("ScatterND", [Away(3, 2), I([3, 1], 2, 0, 2), Away(3, 2)], A(("reduction", "mul")), 1, "mul"),
        new("Selu", [Away(2, 3)]),
        new("Shrink", [Away(2, 3)], A(("lambd", 0.5f), ("bias", 0.2f))),
        new("Sigmoid", [X(2, 3)]),
        new("Sin", [X(2, 3)]),
        new("Sinh", [X(2, 3)]),
        new("Slice", [X(4, 5), I([2], 3, 1), I([2], -10, 5), I([2], 0, 1), I([2], -2, 2)]),
        new("Softmax", [X(2, 3, 2)], A(("axis", 1L))),
        new("SoftmaxCrossEntropyLoss", [X(3, 4), I([3], 0, 3, 1), Wr(0.5, 1.5, 4)], null, 2),
        new("Softplus", [X(2, 3)]),
        new("Softsign", [Away(2, 3)]),
        new("SpaceToDepth", [X(1, 2, 4, 2)], A(("blocksize", 2L))),
        new("Split", [X(2, 5), I([2], 2, 3)], A(("axis", 1L)), 2),
        new("Split", [X(2, 5)], A(("axis", 1L), ("num_outputs", 3L)), 3, "by number"),
        new("Sqrt", [Between(0.5, 1.5, 2, 3)]),
        new("Squeeze", [X(2, 1, 3, 1), I([1], 1)]),
        new("Sub", [X(2, 3), X(3)]),
        new("Sum", [X(2, 3), X(3), X(2, 1)]),
        new("Tan", [X(2, 3)]),
        new("Tanh", [X(2, 3)]),
        new("ThresholdedRelu", [Away(2, 3)], A(("alpha", 0.5f))),
        new("Tile", [X(2, 3), I([2], 2, 3)]),
        new("TopK", [X(2, 5), I([1], 3)], A(("largest", 0L)), 2),
        new("Transpose", [X(2, 3, 4)], A(("perm", L(2, 0, 1)))),
        new("Trilu", [X(3, 4), I([], 1)], A(("upper", 0L))),
        new("Unique", [Xv([6], 0.3, -0.7, 0.9, 0.1, -0.2, 0.5)]),
        new("Unsqueeze", [X(2, 3), I([2], 0, -1)]),
        new("Where", [B([2, 1], true, false), X(2, 3), X(3)]),
    ];

    /// <summary>Cases for the comparison alone: masks, caches, integers, truth values, infinities.</summary>
    public static IReadOnlyList<OperatorCase> ForwardOnly { get; } =
    [
        new("Attention", [X(2, 2, 3, 4), X(2, 2, 5, 4), X(2, 2, 5, 4), B([3, 5], true, false, true, true, false, true, true, true, false, true, false, true, true, true, true)], null, 1, "mask of truth values"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 3, 4), X(1, 2, 3, 4), W(3, 5), W(1, 2, 2, 4), W(1, 2, 2, 4)], null, 3, "past"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 3, 4), X(1, 2, 3, 4), Absent, W(1, 2, 2, 4), W(1, 2, 2, 4)], A(("is_causal", 1L)), 3, "past, causal"),
        new("Attention", [X(1, 4, 3, 4), X(1, 2, 3, 4), X(1, 2, 3, 6), W(3, 3)], A(("softcap", 0.5f), ("is_causal", 1L)), 1, "grouped, capped, causal, masked"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 5, 4), X(1, 2, 5, 4), W(3, 5), Absent, Absent], A(("qk_matmul_output_mode", 0L), ("softcap", 0.5f)), 4, "scores 0"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 5, 4), X(1, 2, 5, 4), W(3, 5), Absent, Absent], A(("qk_matmul_output_mode", 1L), ("softcap", 0.5f)), 4, "scores 1"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 5, 4), X(1, 2, 5, 4), W(3, 5), Absent, Absent], A(("qk_matmul_output_mode", 2L), ("softcap", 0.5f)), 4, "scores 2"),
        new("Attention", [X(1, 2, 3, 4), X(1, 2, 5, 4), X(1, 2, 5, 4), W(3, 5), Absent, Absent], A(("qk_matmul_output_mode", 3L), ("softcap", 0.5f)), 4, "scores 3"),
        new("AveragePool", [X(1, 1, 8, 8, 8)], A(("kernel_shape", L(3, 3, 3)), ("strides", L(2, 2, 2)), ("dilations", L(2, 2, 2)), ("ceil_mode", 1L), ("count_include_pad", 1L)), 1, "3D, dilated, padding counted"),
        new("BitwiseAnd", [Given(Ints32([2, 3], 5, -7, 12, 255, 0, -1)), Given(Ints32([3], 3, 6, -9))]),
        new("BitwiseNot", [Given(Ints32([3], 3, 6, -9))]),
        new("BitwiseOr", [Given(Ints32([2, 3], 5, -7, 12, 255, 0, -1)), Given(Ints32([3], 3, 6, -9))]),
        new("BitwiseXor", [Given(Bytes([3], 3, 6, 200).Exact!), Given(Bytes([3], 255, 6, 31).Exact!)]),
        new("ConstantOfShape", [Given(Tensor.Of([2L, 3L], 2))], A(("value", Ints32([1], 7)))),
        new("IsInf", [Given(Tensor.Of([1f, float.PositiveInfinity, float.NegativeInfinity, float.NaN], 4))], A(("detect_negative", 0L))),
        new("IsNaN", [Given(Tensor.Of([1f, float.PositiveInfinity, float.NegativeInfinity, float.NaN], 4))]),
        new("QLinearMatMul", [Given(Signed([2, 2], -124, 87, -128, 98)), F([], 0.0066f), I8(-14), Given(Signed([2, 2], 117, -128, 119, 120)), F([], 0.00705f), I8(-13), F([], 0.0037f), I8(-9)], null, 1, "beyond the range"),
        new("ReduceMax", [Given(new Tensor(DataType.Bool, [2, 2], TensorBuffer.From<bool>([true, false, false, false]))), I([1], 1)], null, 1, "truth values"),
        new("ReduceMin", [Given(new Tensor(DataType.Bool, [2, 2], TensorBuffer.From<bool>([true, false, true, true]))), I([1], 1)], null, 1, "truth values"),
        new("ReduceMax", [Given(new Tensor(DataType.Int8, [2, 2], TensorBuffer.From<sbyte>([-3, 4, 100, -128]))), I([1], 1)], null, 1, "int8"),
        new("ReduceMin", [Given(Tensor.Of([3L, -4, 100, 7], 2, 2)), I([1], 0)], null, 1, "int64"),
        new("Resize", [Given(Bytes([1, 1, 4, 6], [.. Enumerable.Range(0, 24).Select(i => (byte)(i * 97 % 251))]).Exact!), Absent, Absent, I([4], 1, 1, 2, 3)], A(("mode", "linear"), ("antialias", 1L)), 1, "linear antialias uint8"),
        new("Resize", [Given(Bytes([1, 1, 4, 6], [.. Enumerable.Range(0, 24).Select(i => (byte)(i * 97 % 251))]).Exact!), Absent, Absent, I([4], 1, 1, 2, 3)], A(("mode", "cubic"), ("antialias", 1L), ("cubic_coeff_a", -0.5f)), 1, "cubic antialias uint8"),
        new("Resize", [Given(Bytes([1, 1, 4, 6], [.. Enumerable.Range(0, 24).Select(i => (byte)(i * 97 % 251))]).Exact!), Absent, Absent, I([4], 1, 1, 7, 9)], A(("mode", "linear")), 1, "linear uint8"),
        new("Resize", [X(1, 1, 7, 5), Absent, Absent, I([4], 1, 1, 3, 9)], A(("mode", "linear"), ("antialias", 1L), ("exclude_outside", 1L)), 1, "linear antialias up and down"),
        new("TopK", [Given(Tensor.Of([3L, 9, 3, -4, 9, 7], 2, 3)), I([1], 2)], A(("axis", 1L)), 2, "ties"),
        new("LpPool", [X(1, 1, 5, 5)], A(("kernel_shape", L(2, 2)), ("strides", L(2, 2)), ("ceil_mode", 1L), ("p", 1L)), 1, "p 1, ceil"),
    ];

    /// <summary>Differentiated numbers, evenly spread without ties, in a scrambled order.</summary>
    private static Operand Between(double low, double high, params long[] shape) => new(OperandRole.Differentiated, Spread(low, high, (int)Tensor.Product(shape)), shape);

    private static Operand X(params long[] shape) => Between(-1, 1, shape);

    private static Operand Xv(long[] shape, params double[] values) => new(OperandRole.Differentiated, values, shape);

    /// <summary>Differentiated numbers of both signs that keep away from 0.</summary>
    private static Operand Away(params long[] shape)
        => new(OperandRole.Differentiated, [.. Spread(0.2, 1.2, (int)Tensor.Product(shape)).Select((v, i) => i % 2 == 0 ? v : -v)], shape);

    /// <summary>Real constants.</summary>
    private static Operand W(params long[] shape) => Wr(-1, 1, shape);

    private static Operand Wr(double low, double high, params long[] shape) => new(OperandRole.Real, Spread(low, high, (int)Tensor.Product(shape)), shape);

    private static Operand Wv(double value) => new(OperandRole.Real, [value], []);

    private static Operand Wv2(long[] shape, params double[] values) => new(OperandRole.Real, values, shape);

    private static Operand Exact(Tensor value) => new(OperandRole.Exact, [], [], value);

    private static Operand Given(Tensor value) => new(OperandRole.Given, [], [], value);

    private static Operand I(long[] shape, params long[] values) => Exact(Tensor.Of(values, shape));

    private static Operand F(long[] shape, params float[] values) => Exact(Tensor.Of(values, shape));

    private static Operand B(long[] shape, params bool[] values) => Exact(new Tensor(DataType.Bool, shape, TensorBuffer.From<bool>(values)));

    private static Operand Bytes(long[] shape, params byte[] values) => Exact(new Tensor(DataType.UInt8, shape, TensorBuffer.From<byte>(values)));

    private static Tensor Signed(long[] shape, params sbyte[] values) => new(DataType.Int8, shape, TensorBuffer.From<sbyte>(values));

    private static Operand I8(sbyte value) => Exact(Signed([], value));

    private static Tensor Ints32(long[] shape, params int[] values) => new(DataType.Int32, shape, TensorBuffer.From<int>(values));

    private static Attributes A(params (string Name, object Value)[] values) => Attributes.Of(values);

    private static long[] L(params long[] values) => values;

    private static double[] Spread(double low, double high, int count)
    {
        var random = new Random(++_seed);
        var places = Enumerable.Range(0, count).ToArray();
        random.Shuffle(places);
        return [.. places.Select(p => low + (high - low) * (p + 0.31) / count)];
    }

    private static Attributes Branches()
    {
        Graph Branch(string op) => new(op, [], [new ValueInfo($"{op}_out", DataType.Undefined, null)], [new Node(op, op, ["x1", "x2"], [$"{op}_out"], Attributes.None)], new WeightStore());
        return Attributes.Of(("then_branch", Branch("Mul")), ("else_branch", Branch("Add")));
    }
}
