using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Methods;
using Attune.Randomness;

namespace Attune.Training;

/// <summary>What a method that adds weights promises, checked on the user's own network and rows: fresh adapters change nothing (but for prompts and prefixes), and merging, where there is any, changes nothing either.</summary>
public static class AdapterCheck
{
    /// <summary>Runs the checks; none for a method that adds no weights. The plan's graph is left as it was.</summary>
    /// <param name="plan">The method's plan, before training.</param>
    /// <param name="set">Encoded rows.</param>
    /// <param name="compile">Makes a graph ready to predict.</param>
    public static IReadOnlyList<SelfTestCheck> Run(MethodPlan plan, EncodedSet set, Func<Graph, CompiledModel> compile)
    {
        if (!plan.AddsWeights) return [];
        if (!plan.Merges) return plan.StartsAsBase ? [Compare("fresh adapters change nothing", plan.Original, plan.Adapted)] : [];
        var moved = plan.Adapted with { Weights = plan.Adapted.Weights.DeepCopy() };
        foreach (var name in plan.Added)
        {
            // A tenth of an ordinary starting weight: enough for a wrong merge to show.
            var (weight, stream) = (moved.Weights[name], new Philox(0, "adapter check " + name));
            var values = weight.Value.ToFloating(DataType.Float).Data.Span<float>().ToArray();
            for (var i = 0; i < values.Length; i++) values[i] += 0.1f * ((2 * stream.Uniform((ulong)i)) - 1);
            moved.Weights.Replace(weight with { Value = Tensor.Of(values, [.. weight.Value.Sizes]).ToFloating(weight.Value.Type) });
        }
        return
        [
            Compare("fresh adapters change nothing", plan.Merge(plan.Adapted), plan.Adapted),
            Compare("merged = unmerged", plan.Merge(moved), moved),
        ];

        SelfTestCheck Compare(string name, Graph plain, Graph adapted)
        {
            var (a, _) = Predict(plain);
            var (b, limit) = Predict(adapted);
            double largest = 0, scale = 0;
            for (var i = 0; i < a.Length; i++) (largest, scale) = (Math.Max(largest, Math.Abs((double)a[i] - b[i])), Math.Max(scale, Math.Abs(a[i])));
            var relative = scale == 0 ? largest : largest / scale;
            return new(name, relative <= limit, string.Create(CultureInfo.InvariantCulture, $"largest relative difference {relative:E1}, limit {limit:E0}"));
        }

        (float[] Outputs, double Rounding) Predict(Graph graph)
        {
            using var model = compile(graph);
            var rows = SelfTest.RowsOf(set, set.Rows, model.OutputWidth);
            var outputs = new float[set.UnitsOf(rows) * model.OutputWidth];
            model.Predict(set, rows, outputs);
            return (outputs, model.Rounding);
        }
    }
}
