using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>
/// Reads ONNX files of opsets 7 to 23 over mapped memory, of any size; weights stay in the file until they are touched. The graph that comes out
/// has opset 23's meaning, is sorted and validated, Constant nodes are weights, and every weight has its role.
/// </summary>
public static class OnnxReader
{
    /// <summary>The graph of a file.</summary>
    /// <exception cref="DataFormatException">The file is missing, damaged, hostile, or uses what Attune does not run; names what.</exception>
    public static Graph Read(string path) => ReadModel(path).Graph;

    /// <summary>The graph of a file with what the file says about itself.</summary>
    /// <exception cref="DataFormatException">The file is missing, damaged, hostile, or uses what Attune does not run; names what.</exception>
    public static OnnxModel ReadModel(string path)
    {
        var file = MappedFile.Open(path);
        if (file.Length == 0) throw new DataFormatException(path, null, null, "The file is empty.");
        var model = new OnnxParser(file).Parse();
        var graph = OpsetUpgrade.Run(path, model.Opset, model.Graph);
        var problems = GraphValidator.Validate(graph);
        if (problems.Count > 0) throw new DataFormatException(path, null, null, GraphValidator.Report(graph, problems));
        GC.KeepAlive(file);
        return model with { Graph = graph };
    }
}
