using Attune.Graphs;
using Attune.Graphs.Onnx;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Onnx;

public sealed class ExternalDataTests
{
    [Fact]
    public void Weights_over_the_limit_go_to_a_file_beside_the_model()
    {
        using var scratch = TestData.NewFolder();
        var graph = OnnxReader.Read(Save(Graph([Input("x", "B", 40)], ["y"], [Node("Gemm", "x w b", "h"), Node("MatMul", "h v", "y")], ("w", Numbers(1, 40, 30)), ("b", Numbers(2, 30)), ("v", Numbers(3, 30, 20))), scratch.File("source.onnx")));
        var (small, large) = (scratch.File("small.onnx"), scratch.File("large.onnx"));
        OnnxWriter.Write(graph, small);
        OnnxWriter.Write(graph, large, new OnnxWriteOptions { InlineLimit = 5000 });
        Assert.False(File.Exists(small + ".data"));
        Assert.Equal(8192 + 30 * 20 * 4, new FileInfo(large + ".data").Length);   // w at 0, v at the next multiple of 4096, b inside
        Assert.True(new FileInfo(large).Length < 2000);
        (string, Tensor)[] inputs = [("x", Numbers(4, 3, 40))];
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(small, inputs)["y"], OnnxRuntimeCheck.Run(large, inputs)["y"], 0);
        Assert.True(OnnxReader.Read(large).Weights["v"].Value.Data.Span<float>().SequenceEqual(graph.Weights["v"].Value.Data.Span<float>()));
    }

    [Fact]
    public void A_sparse_file_of_more_than_two_gigabytes_is_mapped_not_read()
    {
        using var scratch = TestData.NewFolder();
        const long Offset = 3L << 30;
        using (var stream = File.Create(scratch.File("w.bin")))
        {
            stream.SetLength(Offset + 4 * 4 * 4);
            stream.Position = Offset;
            Numbers(1, 4, 4).Data.WriteTo(stream);
        }
        var graph = Graph([Input("x", "B", 4)], ["y"], [Node("MatMul", "x w", "y")], ("w", Numbers(1, 4, 4)));
        var path = scratch.File("m.onnx");
        OnnxWriter.Write(graph, path, new OnnxWriteOptions { ExternalData = new OnnxExternalData("w.bin", new Dictionary<string, (long, long)> { ["w"] = (Offset, 64) }) });
        Assert.True(OnnxReader.Read(path).Weights["w"].Value.Data.Span<float>().SequenceEqual(Numbers(1, 4, 4).Data.Span<float>()));
    }
}
