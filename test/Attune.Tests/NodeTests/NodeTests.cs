using Attune.Engines.Torch;

namespace Attune.Tests.NodeTests;

/// <summary>ONNX's node tests, where their folder is: <c>ATTUNE_NODE_TESTS</c>, or artifacts/node-tests, which test/fetch-node-tests.sh fills.</summary>
public sealed class NodeTests
{
    [Fact]
    public void Every_node_test_that_is_tried_passes()
    {
        var folder = Environment.GetEnvironmentVariable("ATTUNE_NODE_TESTS") is { Length: > 0 } given ? given : Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))))!, "artifacts", "node-tests");
        Assert.SkipUnless(Directory.Exists(folder), $"no folder {folder}; test/fetch-node-tests.sh fetches it");
        Assert.SkipUnless(TorchRuntime.Load().Load != TorchLoad.NotAvailable, "libtorch is not available");
        var outcomes = NodeTestCase.Find(folder).Select(NodeTestRunner.Run).ToList();
        Assert.Empty(outcomes.Where(o => o.Status == "failed").Select(o => $"{o.Name}: {o.Detail}"));
        Assert.True(outcomes.Count(o => o.Status == "passed") > 700, $"only {outcomes.Count(o => o.Status == "passed")} of {outcomes.Count} passed");
    }

    [Fact]
    public void Every_kernel_stands_in_the_catalog_once_and_has_a_shape_rule()
    {
        var types = typeof(TorchOperator).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(TorchOperator)) && !t.IsAbstract).Select(t => t.Name).Order(StringComparer.Ordinal);
        Assert.Equal(types, TorchOperatorCatalog.All.Select(o => o.GetType().Name).Order(StringComparer.Ordinal));
        Assert.Equal(TorchOperatorCatalog.All.Select(o => o.Name).Order(StringComparer.Ordinal), TorchOperatorCatalog.All.Select(o => o.Name));
        // Marks of the domain attune keep their input's type and shape (ShapeInference), and no file holds them.
        Assert.All(TorchOperatorCatalog.All.Where(o => o.Domain != Attune.Graphs.Node.AttuneDomain), o => Assert.NotNull(Attune.Graphs.Operators.OperatorCatalog.Find(o.Domain, o.Name)));
    }
}
