using Attune.Engines.Torch;
using Attune.Graphs;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

/// <summary>Gradients of every kernel against central differences in double.</summary>
public sealed class OperatorGradientTests
{
    private const double Step = 1e-5, Tolerance = 1e-6;

    public static TheoryData<string> Cases => [.. OperatorCases.All.Where(c => c.Inputs.Any(i => i.Role == OperandRole.Differentiated)).Select(c => c.ToString())];

    [Fact]
    public void A_row_that_sees_nothing_has_finite_gradients()
    {
        Assert.SkipUnless(TorchRuntime.Load().Load != TorchLoad.NotAvailable, "libtorch is not available");
        var g = new GraphBuilder("attention");
        Value[] inputs = [g.Input("q", DataType.Float, new Shape(1, 1, 3, 4)), g.Input("k", DataType.Float, new Shape(1, 1, 3, 4)), g.Input("v", DataType.Float, new Shape(1, 1, 3, 4)), g.Input("mask", DataType.Bool, new Shape(1, 1, 1, 3))];
        g.Output(g.Node("Attention", inputs, Attributes.Of(("is_causal", 1L))), "y", DataType.Float, new Shape(1, 1, 3, 4));
        var graph = g.Build();
        using var scope = torch.NewDisposeScope();
        // Padding on the left of a causal model: the first token sees itself alone, and it is none.
        var feeds = new Dictionary<string, torch.Tensor> { ["q"] = torch.randn(1, 1, 3, 4), ["k"] = torch.randn(1, 1, 3, 4), ["v"] = torch.randn(1, 1, 3, 4), ["mask"] = torch.tensor(new[] { false, true, true }, [1, 1, 1, 3]) };
        using var plan = TorchPlanBuilder.Build(graph, ["y"], feeds.ToDictionary(f => f.Key, f => f.Value.shape), torch.CPU);
        foreach (var name in (string[])["q", "k", "v"]) feeds[name].requires_grad = true;
        var slots = plan.NewSlots();
        foreach (var (name, slot) in plan.Inputs) slots[slot] = feeds[name];
        var frame = new TorchFrame(slots);
        plan.Run(frame);
        frame[plan.Outputs[0]].sum().backward();
        Assert.All(new[] { "q", "k", "v" }, name => Assert.All(feeds[name].grad!.data<float>().ToArray(), v => Assert.True(float.IsFinite(v))));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_equal_central_differences(string name)
    {
        Assert.SkipUnless(TorchRuntime.Load().Load != TorchLoad.NotAvailable, "libtorch is not available");
        var test = OperatorCases.All.Single(c => c.ToString() == name);
        var graph = test.Graph(DataType.Double);
        var feeds = test.Feeds(DataType.Double);
        using var plan = TorchPlanBuilder.Build(graph, [.. graph.Outputs.Select(o => o.Name)], feeds.ToDictionary(f => f.Key, f => f.Value.Sizes.ToArray()), torch.CPU);
        using var scope = torch.NewDisposeScope();
        var leaves = feeds.ToDictionary(f => f.Key, f => TorchTensors.FromStored(f.Value));
        string[] differentiated = [.. Enumerable.Range(0, test.Inputs.Length).Where(i => test.Inputs[i].Role == OperandRole.Differentiated).Select(i => $"x{i}")];
        foreach (var leaf in differentiated) leaves[leaf].requires_grad = true;
        Weighted(plan, leaves).backward();
        using var _ = torch.no_grad();
        foreach (var leaf in differentiated)
        {
            Assert.True(leaves[leaf].grad is not null, $"{leaf} has no gradient");
            var gradient = leaves[leaf].grad!.contiguous().data<double>().ToArray();
            var values = leaves[leaf].detach().view(-1);
            for (var i = 0; i < gradient.Length; i++)
            {
                var numeric = (Moved(values, i, Step) - Moved(values, i, -Step)) / (2 * Step);
                Assert.True(Math.Abs(numeric - gradient[i]) <= Tolerance * Math.Max(1, Math.Abs(numeric)), FormattableString.Invariant($"{leaf}[{i}]: gradient {gradient[i]:G10}, differences {numeric:G10}"));
            }
        }

        double Moved(torch.Tensor values, int index, double change)
        {
            using var inner = torch.NewDisposeScope();
            values[index].add_(change);
            var result = Weighted(plan, leaves).item<double>();
            values[index].sub_(change);
            return result;
        }
    }

    [Fact]
    public void Every_kernel_has_a_gradient_case_or_a_reason_why_not()
    {
        var tested = OperatorCases.All.Where(c => c.Inputs.Any(i => i.Role == OperandRole.Differentiated)).Select(c => c.Operator).ToHashSet();
        Assert.Empty(tested.Intersect(OperatorCases.NotDifferentiable.Keys));
        Assert.Equal(TorchOperatorCatalog.All.Select(o => o.Name).Order(StringComparer.Ordinal), tested.Concat(OperatorCases.NotDifferentiable.Keys).Order(StringComparer.Ordinal));
        Assert.All(OperatorCases.NotDifferentiable.Values, Assert.NotEmpty);
    }

    /// <summary>The real outputs, each times its own fixed weight, as one number.</summary>
    private static torch.Tensor Weighted(TorchPlan plan, Dictionary<string, torch.Tensor> leaves)
    {
        var slots = plan.NewSlots();
        foreach (var (name, slot) in plan.Inputs) slots[slot] = leaves[name];
        var frame = new TorchFrame(slots);
        plan.Run(frame);
        var total = torch.zeros([], torch.ScalarType.Float64);
        foreach (var slot in plan.Outputs)
        {
            var value = frame[slot];
            if (!value.is_floating_point()) continue;
            Assert.Equal(torch.ScalarType.Float64, value.dtype);
            total = total.add(value.mul(torch.arange(value.numel(), torch.ScalarType.Float64).mul(0.7).sin().add(1.3).reshape(value.shape)).sum());
        }
        return total;
    }
}
