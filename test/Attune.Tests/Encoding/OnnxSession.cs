using Attune.Graphs;
using Attune.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Attune.Tests.Encoding;

/// <summary>Runs a graph of raw columns [N, 1] in ONNX Runtime.</summary>
internal static class OnnxSession
{
    public static Dictionary<string, Array> Run(Graph graph, IReadOnlyDictionary<string, Array> columns, int opset = 21)
    {
        var path = Path.Combine(Path.GetTempPath(), $"attune-{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxWriter.Write(graph, path, new OnnxWriteOptions { Opset = opset });
            using var session = new InferenceSession(path);
            using var results = session.Run([.. columns.Select(c => Named(c.Key, c.Value))]);
            return results.ToDictionary(r => r.Name, Values);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Array Values(DisposableNamedOnnxValue value) => value.ElementType switch
    {
        TensorElementType.Float => value.AsEnumerable<float>().ToArray(),
        TensorElementType.Int64 => value.AsEnumerable<long>().ToArray(),
        _ => value.AsEnumerable<string>().ToArray(),
    };

    private static NamedOnnxValue Named(string name, Array values) => values switch
    {
        float[] v => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(v, [v.Length, 1])),
        double[] v => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<double>(v, [v.Length, 1])),
        long[] v => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(v, [v.Length, 1])),
        string[] v => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<string>(v, [v.Length, 1])),
        _ => throw new ArgumentException(values.GetType().Name, nameof(values)),
    };
}
