using Attune.Graphs;
using Attune.Methods;
using Attune.Tasks;
using Attune.Weights;

namespace Attune.Export;

/// <summary>The weights of a tuned network as upstream's head has them: two outputs for two classes, numbers in the target's own unit.</summary>
internal static class UpstreamHead
{
    /// <summary>Outputs of upstream's head.</summary>
    public static int OutputsOf(LearningTask task) => task is Classification { Classes.Count: 2 } ? 2 : task.OutputWidth;

    /// <summary>All weights, the head's converted.</summary>
    /// <param name="network">The tuned network.</param>
    /// <param name="task">What it answers.</param>
    public static WeightStore WeightsOf(Graph network, LearningTask task)
    {
        var store = new WeightStore(network.Weights.All);
        // A head that was kept has upstream's form already; what stands behind it are constants.
        if (task is not (Regression or Classification { Classes.Count: 2 }) || IsUpstream(network)) return store;
        var head = GraphHead.Find(network);
        foreach (var name in head.Weights)
        {
            var weight = store[name];
            var values = weight.Value.ToFloat().Data.Span<float>();
            if (task is Regression regression)
            {
                var scaled = new float[values.Length];
                for (var i = 0; i < scaled.Length; i++) scaled[i] = (float)(values[i] * regression.Scale + (name == head.Bias ? regression.Mean : 0));
                store.Replace(weight with { Value = Tensor.Of(scaled, [.. weight.Value.Sizes]) });
                continue;
            }
            // softmax(0, z) = sigmoid(z): the other class scores 0.
            var wide = new float[2 * values.Length];
            values.CopyTo(wide.AsSpan(((Classification)task).PositiveIndex * values.Length));
            store.Replace(weight with { Value = Tensor.Of(wide, [2, .. weight.Value.Sizes.Skip(1)]) });
        }
        return store;
    }

    // What HeadReplacement puts behind a head that is kept: a difference of two logits, or (y − mean) / deviation.
    private static bool IsUpstream(Graph network)
    {
        Node? Writer(string value) => network.Nodes.FirstOrDefault(n => n.Outputs.Contains(value));
        var last = Writer(network.Outputs[0].Name);
        while (last is { Operator: "Identity" }) last = Writer(last.Inputs[0]);
        return last is not null && last.Inputs.Skip(1).Any(i => network.Weights.TryGet(i, out var weight) && weight.Role == WeightRole.Constant);
    }
}
