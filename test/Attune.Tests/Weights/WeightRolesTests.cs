using Attune.Graphs;
using Attune.Weights;

namespace Attune.Tests.Weights;

public sealed class WeightRolesTests
{
    [Fact]
    public void Roles_follow_operator_and_slot_also_through_transposes_and_never_size()
    {
        var graph = Make(
            [
                new Node("t", "Transpose", ["w"], ["w.t"], Attributes.None),
                new Node("m", "MatMul", ["x", "w.t"], ["a"], Attributes.None),
                new Node("bias", "Add", ["a", "single"], ["b"], Attributes.None),
                new Node("half", "Div", ["b", "scale"], ["c"], Attributes.None),
                new Node("square", "Pow", ["c", "two"], ["d"], Attributes.None),
                new Node("bn", "BatchNormalization", ["d", "gamma", "beta", "mean", "var"], ["e"], Attributes.None),
                new Node("gain", "Mul", ["e", "gain.w"], ["f"], Attributes.None),
                new Node("mask", "Add", ["f", "square.c"], ["y"], Attributes.None),
            ],
            ("w", [1, 4]), ("single", [1]), ("scale", []), ("two", []), ("gamma", [1]), ("beta", [1]), ("mean", [1]), ("var", [1]), ("gain.w", [1, 3]), ("square.c", [2, 3]));
        var roles = WeightRoles.Assign(graph).Weights.All.ToDictionary(w => w.Name, w => w.Role);
        Assert.All(new[] { "w", "single", "gamma", "beta", "gain.w" }, n => Assert.Equal(WeightRole.Parameter, roles[n]));
        Assert.All(new[] { "mean", "var" }, n => Assert.Equal(WeightRole.Buffer, roles[n]));
        Assert.All(new[] { "scale", "two", "square.c" }, n => Assert.Equal(WeightRole.Constant, roles[n]));
    }

    [Fact]
    public void Tables_and_tokens_train_but_masks_paddings_and_states_do_not()
    {
        Tensor Ramp(params long[] sizes) => Tensor.Of([.. Enumerable.Range(0, (int)Tensor.Product(sizes)).Select(i => i * 0.1f)], sizes);
        (string Name, Tensor Value)[] weights =
        [
            ("positions", Ramp(1, 4, 6)), ("token", Ramp(1, 1, 6)), ("padding", Tensor.Of(new float[12], 1, 2, 6)), ("mask", Tensor.Of([0, -10000f, 0, 0, 0, 0, 0, -10000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 4, 6)),
            ("slope", Ramp(6)), ("packed", Ramp(6, 12)), ("causal", Tensor.Of([0, float.NegativeInfinity, 1, 2, 3, 4], 1, 6)),
        ];
        var graph = new Graph("g", [new("x", DataType.Float, new Shape("B", 4, 6))], [new("y", DataType.Float, null)],
        [
            new Node("relu", "Relu", ["x"], ["a"], Attributes.None), new Node("positions", "Add", ["a", "positions"], ["b"], Attributes.None), new Node("mask", "Add", ["b", "mask"], ["c"], Attributes.None),
            new Node("wide", "Expand", ["token", "shape"], ["wide"], Attributes.None), new Node("cat", "Concat", ["wide", "c", "padding"], ["d"], Attributes.Of(("axis", 1L))), new Node("slope", "PRelu", ["d", "slope"], ["e"], Attributes.None),
            new Node("halves", "Split", ["packed"], ["q", "k"], Attributes.Of(("axis", 1L), ("num_outputs", 2L))), new Node("second", "MatMul", ["e", "k"], ["y"], Attributes.None),
        ], new WeightStore(weights.Select(w => new Weight(w.Name, w.Value, WeightRole.Constant))));
        var roles = WeightRoles.Assign(graph).Weights.All.ToDictionary(w => w.Name, w => w.Role);
        Assert.Equal(["packed", "positions", "slope", "token"], roles.Where(r => r.Value == WeightRole.Parameter).Select(r => r.Key).Order(StringComparer.Ordinal));
    }

    private static Graph Make(Node[] nodes, params (string Name, long[] Sizes)[] weights)
        => new("g", [new("x", DataType.Float, new Shape("B", 4))], [new("y", DataType.Float, null)], nodes,
            new WeightStore(weights.Select(w => new Weight(w.Name, Tensor.Of(new float[Tensor.Product(w.Sizes)], w.Sizes), WeightRole.Constant))));
}
