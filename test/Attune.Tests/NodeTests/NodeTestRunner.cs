using System.Globalization;
using System.Text.RegularExpressions;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;

namespace Attune.Tests.NodeTests;

/// <summary>What became of a node test: passed, failed, or skipped with the reason.</summary>
internal sealed record NodeTestOutcome(string Name, string Operator, string Status, string Detail);

/// <summary>Runs node tests through the ONNX reader and the libtorch engine. Tolerances are those of ONNX's own backend tests; integers and truth values are exact.</summary>
internal static class NodeTestRunner
{
    private const double Relative = 1e-3, Absolute = 1e-7;

    private static readonly Dictionary<string, string> SkippedOperators = new(StringComparer.Ordinal)
    {
        ["Bernoulli"] = "random", ["Multinomial"] = "random", ["RandomNormal"] = "random", ["RandomNormalLike"] = "random", ["RandomUniform"] = "random", ["RandomUniformLike"] = "random",
        ["ImageDecoder"] = "decodes files", ["Loop"] = "loop", ["Scan"] = "loop",
        ["RegexFullMatch"] = "string", ["StringConcat"] = "string", ["StringNormalizer"] = "string", ["StringSplit"] = "string", ["TfIdfVectorizer"] = "string",
        ["Optional"] = "optional", ["OptionalGetElement"] = "optional", ["OptionalHasElement"] = "optional",
        ["SplitToSequence"] = "sequence", ["SequenceMap"] = "sequence", ["ConcatFromSequence"] = "sequence", ["SequenceConstruct"] = "sequence", ["SequenceInsert"] = "sequence",
        ["SequenceAt"] = "sequence", ["SequenceEmpty"] = "sequence", ["SequenceErase"] = "sequence", ["SequenceLength"] = "sequence",
    };

    public static NodeTestOutcome Run(NodeTestCase test)
    {
        var op = Regex.Replace(test.Name, "_.*", "");
        try
        {
            var nodes = test.RawNodes();
            op = nodes.Count == 1 ? nodes[0].QualifiedOperator : "(several operators)";
            if (Reason(test, nodes) is { } reason) return new(test.Name, op, "skipped", reason);
            var graph = OnnxReader.Read(test.Model, new OnnxReadOptions { Dequantize = false });
            foreach (var (inputs, outputs) in test.DataSets())
            {
                // sums that cancel to 0 keep fp32's rounding of their terms, which are near 1
                if (Compare(graph, inputs, outputs, op is "DFT" or "DeformConv" ? 1e-6 : Absolute) is { } failure) return new(test.Name, op, "failed", failure);
            }
            return new(test.Name, op, "passed", "");
        }
        catch (DataFormatException e) when (e.Message.Contains("opset 0", StringComparison.Ordinal))
        {
            return new(test.Name, op, "skipped", "no operator of the standard domain");
        }
        catch (DataFormatException e) when (e.Message.Contains("sequence", StringComparison.Ordinal) || e.Message.Contains("optional", StringComparison.Ordinal))
        {
            return new(test.Name, op, "skipped", "sequence or optional");
        }
        catch (Exception e) when (e is DataFormatException or NotSupportedException or InvalidOperationException or ArgumentException or System.Runtime.InteropServices.ExternalException)
        {
            return new(test.Name, op, "failed", e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>Tests of some versions of the data whose expected values are not what the standard says; ONNX Runtime gives what the engine gives (OperatorCases).</summary>
    private static readonly Dictionary<string, string> WrongExpectations = new(StringComparer.Ordinal)
    {
        ["averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True"] = "expected means count elements beyond the padding",
        ["qlinearmatmul_2D_int8_float16"] = "expected values wrap instead of saturating", ["qlinearmatmul_2D_int8_float32"] = "expected values wrap instead of saturating",
        ["qlinearmatmul_3D_int8_float16"] = "expected values wrap instead of saturating", ["qlinearmatmul_3D_int8_float32"] = "expected values wrap instead of saturating",
    };

    private static string? Reason(NodeTestCase test, IReadOnlyList<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (node.Domain.Length > 0) return $"domain {node.Domain}";
            if (SkippedOperators.TryGetValue(node.Operator, out var reason)) return reason;
            if (node.Operator == "BatchNormalization" && node.Attributes.Int("training_mode") != 0) return "training mode";
            if (node.Operator == "Dropout" && node.Inputs.Count > 2) return "training mode";
            // ONNX's Cast rounds to the nearest, and so does every later version of these data.
            if (test.Name.Contains("FLOAT_to_BFLOAT16", StringComparison.Ordinal) && test.HasTruncatedHalves) return "expected bfloat16 values are cut instead of rounded";
            if (node.Attributes.Text("coordinate_transformation_mode") == "tf_half_pixel_for_nn") return "coordinate mode that opset 13 dropped";
            if (node.Operator is "Cast" or "QuantizeLinear" && (DataType)node.Attributes.Int(node.Operator == "Cast" ? "to" : "output_dtype") is >= DataType.Float8E4M3FN and <= DataType.Float8E5M2FNUZ) return "8-bit reals";
        }
        if (WrongExpectations.TryGetValue(test.Name, out var wrong)) return wrong;
        if (Regex.IsMatch(test.Name, "FLOAT8|e4m3|e5m2")) return "8-bit reals";
        if (Regex.IsMatch(test.Name, "INT4|_u?int4")) return "4-bit integers";
        if (Regex.IsMatch(test.Name, "STRING|_string|string_")) return "string";
        if (Regex.IsMatch(test.Name, "_opt$|_seq$|(?<!^reverse)sequence|optional")) return "sequence or optional";
        return null;
    }

    private static string? Compare(Graph graph, List<(string Name, Tensor Value)> inputs, List<(string Name, Tensor Value)> outputs, double absolute)
    {
        var given = graph.Inputs.Select((input, i) => (input.Name, Typed(inputs.FirstOrDefault(v => v.Name == input.Name) is { Value: { } named } ? named : inputs[i].Value, input.Type))).ToDictionary(v => v.Name, v => v.Item2);
        var actual = TorchEvaluator.Run(graph, given);
        for (var i = 0; i < outputs.Count; i++)
        {
            var name = graph.Outputs[i].Name;
            if (Difference(Typed(outputs[i].Value, graph.Outputs[i].Type), actual[name], Relative, absolute) is { } difference) return $"{name}: {difference}";
        }
        return null;
    }

    // The package keeps bfloat16 as the bits of uint16.
    private static Tensor Typed(Tensor value, DataType type) => type == DataType.BFloat16 && value.Type == DataType.UInt16 ? new Tensor(type, value.Sizes, value.Data) : value;

    /// <summary>What is different; null when nothing is.</summary>
    public static string? Difference(Tensor expected, Tensor actual, double relative = Relative, double absolute = Absolute)
    {
        if (expected.Type != actual.Type) return $"type {actual.Type}, expected {expected.Type}";
        if (!expected.Sizes.SequenceEqual(actual.Sizes)) return $"shape [{string.Join(", ", actual.Sizes)}], expected [{string.Join(", ", expected.Sizes)}]";
        if (!expected.Type.IsFloating())
        {
            if (expected.Data.Span<byte>().SequenceEqual(actual.Data.Span<byte>())) return null;
            var (e, a) = (Numbers(expected), Numbers(actual));
            var first = Enumerable.Range(0, e.Length).FirstOrDefault(i => e[i] != a[i]);
            return string.Create(CultureInfo.InvariantCulture, $"element {first} is {a[first]}, expected {e[first]}");
        }
        var (wanted, got) = (Numbers(expected), Numbers(actual));
        for (var i = 0; i < wanted.Length; i++)
        {
            var (e, a) = (wanted[i], got[i]);
            if (double.IsNaN(e) ? double.IsNaN(a) : e == a || Math.Abs(e - a) <= absolute + relative * Math.Abs(e)) continue;
            return string.Create(CultureInfo.InvariantCulture, $"element {i} is {a:G9}, expected {e:G9}");
        }
        return null;
    }

    /// <summary>The elements as doubles.</summary>
    public static double[] Numbers(Tensor tensor) => tensor.Type switch
    {
        DataType.Float => Array.ConvertAll(tensor.Data.Span<float>().ToArray(), v => (double)v),
        DataType.Double => tensor.Data.Span<double>().ToArray(),
        DataType.Float16 => Array.ConvertAll(tensor.Data.Span<Half>().ToArray(), v => (double)v),
        DataType.BFloat16 => Array.ConvertAll(tensor.Data.Span<ushort>().ToArray(), v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16)),
        DataType.Int64 => Array.ConvertAll(tensor.Data.Span<long>().ToArray(), v => (double)v),
        DataType.UInt64 => Array.ConvertAll(tensor.Data.Span<ulong>().ToArray(), v => (double)v),
        DataType.Int32 => Array.ConvertAll(tensor.Data.Span<int>().ToArray(), v => (double)v),
        DataType.UInt32 => Array.ConvertAll(tensor.Data.Span<uint>().ToArray(), v => (double)v),
        DataType.Int16 => Array.ConvertAll(tensor.Data.Span<short>().ToArray(), v => (double)v),
        DataType.UInt16 => Array.ConvertAll(tensor.Data.Span<ushort>().ToArray(), v => (double)v),
        DataType.Int8 => Array.ConvertAll(tensor.Data.Span<sbyte>().ToArray(), v => (double)v),
        _ => Array.ConvertAll(tensor.Data.Span<byte>().ToArray(), v => (double)v),
    };
}
