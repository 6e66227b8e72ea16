using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Weights;

namespace Attune.Tests.NodeTests;

/// <summary>One of ONNX's backend node tests: a model, and folders with inputs and expected outputs as TensorProto.</summary>
internal sealed class NodeTestCase(string folder)
{
    // One folder a process, deleted when it ends.
    private static readonly Lazy<DirectoryInfo> Copies = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("attune-node-test-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder;
    });

    /// <summary>Name without <c>test_</c>.</summary>
    public string Name { get; } = Path.GetFileName(folder)["test_".Length..];

    /// <summary>The model file; a copy that states opset 7 where the test states an older one with the same meaning.</summary>
    public string Model { get; } = Stated(Path.Combine(folder, "model.onnx"));

    /// <summary>Every test below a folder, alphabetically.</summary>
    public static IReadOnlyList<NodeTestCase> Find(string root)
        => [.. Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories)
            .Select(f => Path.GetDirectoryName(f)!)
            .Where(f => Path.GetFileName(f).StartsWith("test_", StringComparison.Ordinal) && Directory.Exists(Path.Combine(f, "test_data_set_0")))
            .Order(StringComparer.Ordinal).Select(f => new NodeTestCase(f))];

    /// <summary>True when the expected bfloat16 values are kept as uint16, as ONNX 1.12 did, which cut the low bits off.</summary>
    public bool HasTruncatedHalves => DataSets().Any(s => s.Outputs.Any(o => o.Value.Type == DataType.UInt16));

    /// <summary>The nodes as the file has them, before anything is upgraded.</summary>
    public IReadOnlyList<Node> RawNodes() => new OnnxParser(MappedFile.Open(Model)).Parse().Graph.Nodes;

    /// <summary>Input values with the names in the files, and expected outputs, of every data set.</summary>
    public IEnumerable<(List<(string Name, Tensor Value)> Inputs, List<(string Name, Tensor Value)> Outputs)> DataSets()
        => Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal).Select(set => (Inputs: Read(set, "input"), Outputs: Read(set, "output")));

    // The tests of operators that did not change since opset 1 or 6 (Not, Softplus, Elu, …) state that opset at the end of the file.
    private static string Stated(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.AsSpan().EndsWith("B\u0002\u0010\u0001"u8) || bytes.AsSpan().EndsWith("B\u0002\u0010\u0006"u8)) bytes[^1] = 7;
        else if (bytes.AsSpan().EndsWith("B\u0004\n\0\u0010\u0001"u8) || bytes.AsSpan().EndsWith("B\u0004\n\0\u0010\u0006"u8)) bytes[^1] = 7;
        else return path;
        var copy = Path.Combine(Copies.Value.FullName, Path.GetFileName(Path.GetDirectoryName(path)!) + ".onnx");
        File.WriteAllBytes(copy, bytes);
        return copy;
    }

    private static List<(string Name, Tensor Value)> Read(string set, string kind)
    {
        var list = new List<(string Name, Tensor Value)>();
        for (var i = 0; File.Exists(Path.Combine(set, $"{kind}_{i}.pb")); i++)
        {
            var file = MappedFile.Open(Path.Combine(set, $"{kind}_{i}.pb"));
            list.Add(new TensorParser(file).Parse(new WireReader(file, 0, file.Length)));
        }
        return list;
    }
}
