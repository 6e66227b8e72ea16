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

    private static Graph Make(Node[] nodes, params (string Name, long[] Sizes)[] weights)
        => new("g", [new("x", DataType.Float, new Shape("B", 4))], [new("y", DataType.Float, null)], nodes,
            new WeightStore(weights.Select(w => new Weight(w.Name, Tensor.Of(new float[Tensor.Product(w.Sizes)], w.Sizes), WeightRole.Constant))));
}
