using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Weights;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

/// <summary>Transpose, MatMul and Add of a layer become one instruction, and only where nobody else reads what lies between.</summary>
public sealed class LinearFusionTests
{
    [Fact]
    public void A_layer_is_one_instruction() => Assert.Equal(1, Instructions(readsProduct: false, biasSize: 3, "y"));

    [Fact]
    public void A_product_that_is_read_twice_keeps_its_value() => Assert.Equal(3, Instructions(readsProduct: true, biasSize: 3, "y"));   // product, sum, the other reader

    [Fact]
    public void A_product_that_is_an_output_keeps_its_value() => Assert.Equal(2, Instructions(readsProduct: false, biasSize: 3, "product", "y"));

    [Fact]
    public void A_bias_that_is_stretched_is_added_apart() => Assert.Equal(2, Instructions(readsProduct: false, biasSize: 1, "y"));

    private static int Instructions(bool readsProduct, int biasSize, params string[] outputs)
    {
        TorchCompiler.Demand();
        var g = new GraphBuilder("layer");
        var x = g.Input("x", DataType.Float, new Shape("B", 2));
        g.Weight("w", Tensor.Of(new float[] { 1, 2, 3, 4, 5, 6 }, 3, 2));
        g.Weight("b", Tensor.Of([.. Enumerable.Range(1, biasSize).Select(i => 10f * i)], biasSize));
        Node[] nodes =
        [
            new("t", "Transpose", ["w"], ["columns"], Attributes.Of(("perm", new long[] { 1, 0 }))),
            new("m", "MatMul", [x.Name, "columns"], ["product"], Attributes.None),
            new("a", "Add", ["b", "product"], [readsProduct ? "sum" : "y"], Attributes.None),
            .. readsProduct ? new Node[] { new("again", "Mul", ["sum", "product"], ["y"], Attributes.None) } : [],
        ];
        g.Output(x, "same", DataType.Float, new Shape("B", 2));
        var graph = g.Build() with { Nodes = nodes };
        using var plan = TorchPlanBuilder.Build(graph, outputs, new Dictionary<string, long[]> { ["x"] = [2, 2] }, torch.CPU);
        var parameters = new Dictionary<string, torch.Tensor>
        {
            ["w"] = TorchTensors.FromStored(graph.Weights["w"].Value),
            ["b"] = TorchTensors.FromStored(graph.Weights["b"].Value),
        };
        var slots = plan.NewSlots();
        foreach (var (slot, name) in plan.Weights) slots[slot] = parameters[name];
        using var input = torch.tensor(new float[] { 1, 0, 0, 1 }, [2, 2]);
        slots[plan.Inputs["x"]] = input;
        var frame = new TorchFrame(slots);
        plan.Run(frame);
        float[] product = [1, 3, 5, 2, 4, 6];
        var sum = product.Select((p, i) => p + (biasSize == 1 ? 10 : 10 * (i % 3 + 1))).ToArray();
        Assert.Equal(readsProduct ? [.. sum.Zip(product, (s, p) => s * p)] : sum, TorchTensors.Floats(frame[plan.Outputs[^1]]).ToArray());
        if (outputs.Length > 1) Assert.Equal(product, TorchTensors.Floats(frame[plan.Outputs[0]]).ToArray());
        return plan.Instructions.Count;
    }
}
