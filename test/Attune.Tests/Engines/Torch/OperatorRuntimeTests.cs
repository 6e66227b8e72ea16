using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Tests.Graphs;
using Attune.Tests.NodeTests;

namespace Attune.Tests.Engines.Torch;

/// <summary>Every kernel's outputs against ONNX Runtime's on the written node.</summary>
public sealed class OperatorRuntimeTests
{
    public static TheoryData<string> Cases => [.. OperatorCases.All.Concat(OperatorCases.ForwardOnly).Where(c => !OperatorCases.NotInRuntime.ContainsKey(c.ToString())).Select(c => c.ToString())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_equal_those_of_ONNX_Runtime(string name)
    {
        Assert.SkipUnless(TorchRuntime.Load().Load != TorchLoad.NotAvailable, "libtorch is not available");
        var test = OperatorCases.All.Concat(OperatorCases.ForwardOnly).Single(c => c.ToString() == name);
        var graph = test.Graph(DataType.Float);
        var feeds = test.Feeds(DataType.Float);
        using var folder = TestFiles.Folder();
        var path = Path.Combine(folder.Path, "case.onnx");
        OnnxWriter.Write(graph, path, new OnnxWriteOptions { Opset = OperatorCases.RuntimeOpset.GetValueOrDefault(test.Operator, 23) });
        var expected = OnnxRuntimeCheck.Run(path, feeds.Select(f => (f.Key, f.Value)), optimize: false);
        var actual = TorchEvaluator.Run(graph, feeds);
        foreach (var output in graph.Outputs)
        {
            var scale = expected[output.Name].Type.IsFloating() ? NodeTestRunner.Numbers(expected[output.Name]).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max() : 0;
            var difference = NodeTestRunner.Difference(expected[output.Name], actual[output.Name], 1e-5, 1e-5 * Math.Max(1e-2, scale));
            Assert.True(difference is null, $"{output.Name}: {difference}");
        }
    }
}
