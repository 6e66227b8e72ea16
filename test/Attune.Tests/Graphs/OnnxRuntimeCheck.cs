using Attune.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = Attune.Graphs.Tensor;

namespace Attune.Tests.Graphs;

/// <summary>Runs files in ONNX Runtime.</summary>
internal static class OnnxRuntimeCheck
{
    public static Dictionary<string, Tensor> Run(string path, IEnumerable<(string Name, Tensor Value)> inputs, bool optimize = true)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        using var session = new InferenceSession(path, options);
        using var results = session.Run([.. inputs.Select(i => Feed(i.Name, i.Value))]);
        return results.ToDictionary(r => r.Name, Fetch);
    }

    public static void AssertEqual(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Sizes, actual.Sizes);
        if (expected.Type != DataType.Float)
        {
            Assert.Equal(expected.Strings, actual.Strings);
            Assert.True(expected.Data.Span<byte>().SequenceEqual(actual.Data.Span<byte>()));
            return;
        }
        var e = expected.Data.Span<float>();
        var a = actual.Data.Span<float>();
        for (var i = 0; i < e.Length; i++) Assert.True(Math.Abs(e[i] - a[i]) <= tolerance * Math.Max(1, Math.Abs(e[i])), $"element {i}: expected {e[i]}, got {a[i]}");
    }

    private static NamedOnnxValue Feed(string name, Tensor value)
    {
        int[] sizes = [.. value.Sizes.Select(s => (int)s)];
        return value.Type switch
        {
            DataType.Float => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(value.Data.Span<float>().ToArray(), sizes)),
            DataType.Double => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<double>(value.Data.Span<double>().ToArray(), sizes)),
            DataType.Float16 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<Float16>(value.Data.Span<Float16>().ToArray(), sizes)),
            DataType.Int32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(value.Data.Span<int>().ToArray(), sizes)),
            DataType.UInt8 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<byte>(value.Data.Span<byte>().ToArray(), sizes)),
            DataType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(value.Data.Span<long>().ToArray(), sizes)),
            DataType.Bool => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<bool>(value.Data.Span<bool>().ToArray(), sizes)),
            DataType.Int8 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<sbyte>(value.Data.Span<sbyte>().ToArray(), sizes)),
            DataType.String => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<string>(value.Strings.ToArray(), sizes)),
            _ => throw new NotSupportedException(value.ToString()),
        };
    }

    private static Tensor Fetch(DisposableNamedOnnxValue value) => value.Value switch
    {
        DenseTensor<float> t => Tensor.Of(t.Buffer.Span, Sizes(t.Dimensions)),
        DenseTensor<double> t => Tensor.Of(t.Buffer.Span, Sizes(t.Dimensions)),
        DenseTensor<Float16> t => new Tensor(DataType.Float16, Sizes(t.Dimensions), TensorBuffer.From<Float16>(t.Buffer.Span)),
        DenseTensor<int> t => new Tensor(DataType.Int32, Sizes(t.Dimensions), TensorBuffer.From<int>(t.Buffer.Span)),
        DenseTensor<byte> t => new Tensor(DataType.UInt8, Sizes(t.Dimensions), TensorBuffer.From<byte>(t.Buffer.Span)),
        DenseTensor<long> t => Tensor.Of(t.Buffer.Span, Sizes(t.Dimensions)),
        DenseTensor<bool> t => new Tensor(DataType.Bool, Sizes(t.Dimensions), TensorBuffer.From<bool>(t.Buffer.Span)),
        DenseTensor<sbyte> t => new Tensor(DataType.Int8, Sizes(t.Dimensions), TensorBuffer.From<sbyte>(t.Buffer.Span)),
        Tensor<string> t => new Tensor(t.ToArray(), Sizes(t.Dimensions)),
        _ => throw new NotSupportedException(value.Value?.GetType().Name),
    };

    private static long[] Sizes(ReadOnlySpan<int> sizes)
    {
        var wide = new long[sizes.Length];
        for (var i = 0; i < sizes.Length; i++) wide[i] = sizes[i];
        return wide;
    }
}
