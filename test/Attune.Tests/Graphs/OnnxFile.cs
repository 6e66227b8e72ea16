using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Weights;

namespace Attune.Tests.Graphs;

/// <summary>Hand-made ONNX files of any opset and domain, unchecked, with seeded numbers.</summary>
internal static class OnnxFile
{
    public static Tensor Numbers(int seed, params long[] sizes)
    {
        var random = new Random(seed);
        return Tensor.Of([.. Enumerable.Range(0, (int)Tensor.Product(sizes)).Select(_ => (float)(random.NextDouble() * 2 - 1))], sizes);
    }

    public static Tensor Bytes(int seed, DataType type, params long[] sizes)
    {
        var bytes = new byte[Tensor.Product(sizes) * (type.Bits() / 8)];
        new Random(seed).NextBytes(bytes);
        return new Tensor(type, sizes, TensorBuffer.From<byte>(bytes));
    }

    public static Tensor Integers(DataType type, params long[] values)
    {
        var data = TensorBuffer.Allocate(type.ByteLength(values.Length));
        for (var i = 0; i < values.Length; i++)
        {
            if (type == DataType.Int32) data.Span<int>()[i] = (int)values[i];
            else data.Span<byte>()[i] = (byte)values[i];
        }
        return new Tensor(type, values.Length == 1 ? [] : [values.Length], data);
    }

    public static Graph Graph(ValueInfo[] inputs, string[] outputs, Node[] nodes, params (string Name, Tensor Value)[] weights)
        => new("hand made", inputs, [.. outputs.Select(o => new ValueInfo(o, DataType.Float, null))], nodes, new WeightStore(weights.Select(w => new Weight(w.Name, w.Value, WeightRole.Constant))));

    public static ValueInfo Input(string name, params Dimension[] shape) => new(name, DataType.Float, new Shape(shape));

    public static Node Node(string op, string inputs, string outputs, string domain = "", params (string Name, object Value)[] attributes)
        => new(outputs.Split(' ')[0] + "_node", op, [.. inputs.Split(' ').Select(i => i == "-" ? "" : i)], outputs.Split(' '), Attributes.Of(attributes), domain);

    public static string Save(Graph graph, string path, int opset = 17)
    {
        using var stream = File.Create(path);
        OnnxWriter.Model(graph, new OnnxWriteOptions { Opset = opset }).WriteTo(stream);
        return path;
    }

    /// <summary>The file as ONNX Runtime runs it and the file read, rewritten and written again must give the same.</summary>
    public static Graph AssertSame(string path, OnnxReadOptions options, double tolerance, params (string Name, Tensor Value)[] inputs)
    {
        var graph = OnnxReader.Read(path, options);
        var again = path + ".again.onnx";
        // unoptimised: the runtime would fuse quantized weights into products that round activations
        var expected = OnnxRuntimeCheck.Run(path, inputs, optimize: false);
        foreach (var opset in new[] { 17, 21, 23 })
        {
            OnnxWriter.Write(graph, again, new OnnxWriteOptions { Opset = opset });
            var actual = OnnxRuntimeCheck.Run(again, inputs, optimize: !graph.Nodes.Any(n => n.Operator == "DequantizeLinear"));
            foreach (var output in graph.Outputs) OnnxRuntimeCheck.AssertEqual(expected[output.Name], actual[output.Name], tolerance);
        }
        return graph;
    }
}
