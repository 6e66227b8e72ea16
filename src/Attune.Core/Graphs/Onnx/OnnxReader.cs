using Attune.Graphs.Rewrites;
using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>
/// Reads ONNX files of opsets 7 to 23 over mapped memory, of any size; weights stay in the file until they are touched. The graph that comes out
/// has opset 23's meaning, is sorted and validated, functions of the file's own are unfolded, ONNX Runtime's fused operators are standard ones,
/// Constant nodes are weights, and every weight has its role.
/// </summary>
public static class OnnxReader
{
    /// <summary>The graph of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How far it is rewritten. Default: dequantized, otherwise as it stands.</param>
    /// <exception cref="DataFormatException">The file is missing, damaged, hostile, or uses what Attune does not run; names what.</exception>
    public static Graph Read(string path, OnnxReadOptions? options = null) => ReadModel(path, options).Graph;

    /// <summary>The graph of a file with what the file says about itself.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How far it is rewritten. Default: dequantized, otherwise as it stands.</param>
    /// <exception cref="DataFormatException">The file is missing, damaged, hostile, or uses what Attune does not run; names what.</exception>
    public static OnnxModel ReadModel(string path, OnnxReadOptions? options = null)
    {
        options ??= new OnnxReadOptions();
        var model = ReadUnchecked(path, options.Dequantize);
        Validate(path, model.Graph);
        var graph = model.Graph;
        if (options.ToFloat) graph = FloatConversion.Run(graph);
        if (options.Fuse) graph = PatternFusion.Run(graph);
        if (options.SymbolicBatch) graph = BatchAxis.MakeSymbolic(graph).Graph;
        if (ReferenceEquals(graph, model.Graph)) return model;
        Validate(path, graph);
        return model with { Graph = WeightRoles.Assign(graph) };
    }

    /// <summary>The upgraded graph before it is validated; operators may be unknown.</summary>
    internal static OnnxModel ReadUnchecked(string path, bool dequantize)
    {
        var file = MappedFile.Open(path);
        if (file.Length == 0) throw new DataFormatException(path, null, null, "The file is empty.");
        var parser = new OnnxParser(file);
        var model = parser.Parse();
        var graph = OpsetUpgrade.Run(path, model.Opset, parser.NodeOpsets, model.Graph);
        try
        {
            if (dequantize) graph = Dequantization.Run(graph);
        }
        catch (NotSupportedException e) { throw new DataFormatException(path, null, null, e.Message, e); }
        GC.KeepAlive(file);
        return model with { Graph = WeightRoles.Assign(graph) };
    }

    private static void Validate(string path, Graph graph)
    {
        var problems = GraphValidator.Validate(graph);
        if (problems.Count > 0) throw new DataFormatException(path, null, null, GraphValidator.Report(graph, problems));
    }
}
