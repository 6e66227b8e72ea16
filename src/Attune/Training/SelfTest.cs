using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Weights;

namespace Attune.Training;

/// <summary>One property that a correct training set-up has, checked on the user's own model and rows.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Passed">Whether it held.</param>
/// <param name="Detail">The measured number and its limit.</param>
public sealed record SelfTestCheck(string Name, bool Passed, string Detail);

/// <summary>
/// Checks a compiled model on real rows before the first real step: accumulation is exact, rows are independent, evaluation repeats, frozen weights stay, trainable ones
/// move. Random nodes are off and BatchNormalization uses running statistics, so that every property is exact up to rounding. The model is left as it was, to the bit.
/// </summary>
public static class SelfTest
{
    private const int Rows = 48;

    /// <summary>Runs all checks; takes milliseconds.</summary>
    /// <param name="model">The model as it will train.</param>
    /// <param name="set">Training rows with targets.</param>
    /// <param name="settings">Loss and optimizer as they will train.</param>
    public static IReadOnlyList<SelfTestCheck> Run(CompiledModel model, EncodedSet set, TrainingSettings settings)
    {
        var rows = new int[Math.Min(Rows, Math.Min(set.Rows, settings.MicroBatchSize))];
        for (var i = 0; i < rows.Length; i++) rows[i] = (int)((long)i * set.Rows / rows.Length);
        var before = model.Capture();
        try
        {
            return
            [
                AccumulationIsExact(model, set, settings.Loss, rows),
                RowsAreIndependent(model, set, rows),
                EvaluationRepeats(model, set, rows),
                .. OnlyTrainableWeightsMove(model, set, settings, rows),
            ];
        }
        finally
        {
            model.ClearGradients();
            model.Restore(before);
        }
    }

    /// <summary>Throws when a check failed.</summary>
    /// <exception cref="TrainingException">Names every check that failed.</exception>
    public static void Demand(IReadOnlyList<SelfTestCheck> checks)
    {
        var failed = checks.Where(c => !c.Passed).ToList();
        if (failed.Count == 0) return;
        throw new TrainingException("The self-test failed before the first step, so nothing was trained: "
            + string.Join("; ", failed.Select(c => $"{c.Name} ({c.Detail})")) + ". If the cause is not in your options or rows (attune inspect DATA), please report it.", 0);
    }

    private static SelfTestCheck AccumulationIsExact(CompiledModel model, EncodedSet set, Loss loss, int[] rows)
    {
        const string name = "k micro-batches = one batch";
        if (rows.Length < 2) return new(name, true, "one row only: nothing to divide");
        var count = LossOf.Count(loss, set.Targets!, rows);
        model.ClearGradients();
        model.Accumulate(set, rows, loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));
        var whole = Gradients(model);
        model.ClearGradients();
        int[] cuts = [0, rows.Length / 3, rows.Length / 2, rows.Length];   // ragged on purpose
        for (var i = 0; i + 1 < cuts.Length; i++)
        {
            if (cuts[i + 1] > cuts[i]) model.Accumulate(set, rows.AsSpan(cuts[i]..cuts[i + 1]), loss, count, new MicroStep(0, i, TrainingMode.Deterministic));
        }
        return Compare(name, whole, Gradients(model), model.Rounding);
    }

    private static SelfTestCheck RowsAreIndependent(CompiledModel model, EncodedSet set, int[] rows)
    {
        var together = new float[rows.Length * model.OutputWidth];
        model.Predict(set, rows, together);
        var alone = new float[together.Length];
        for (var i = 0; i < rows.Length; i++) model.Predict(set, rows.AsSpan(i, 1), alone.AsSpan(i * model.OutputWidth, model.OutputWidth));
        return Compare("a row alone = the row in a batch", together, alone, model.Rounding);
    }

    private static SelfTestCheck EvaluationRepeats(CompiledModel model, EncodedSet set, int[] rows)
    {
        var first = new float[rows.Length * model.OutputWidth];
        var second = new float[first.Length];
        model.Predict(set, rows, first);
        model.Predict(set, rows, second);
        var finite = first.All(float.IsFinite);
        return new("evaluation repeats to the bit and is finite", finite && first.AsSpan().SequenceEqual(second), finite ? "equal" : "an output is not a number");
    }

    private static IEnumerable<SelfTestCheck> OnlyTrainableWeightsMove(CompiledModel model, EncodedSet set, TrainingSettings settings, int[] rows)
    {
        var trainable = model.Trainable.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var others = model.Graph.Weights.All.Where(w => !trainable.Contains(w.Name) && w.Role != WeightRole.Constant).ToList();
        var weightsBefore = Read(model, model.Trainable.Select(t => t.Name));
        var othersBefore = Read(model, others.Select(w => w.Name));

        model.ClearGradients();
        var count = LossOf.Count(settings.Loss, set.Targets!, rows);
        model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));
        var gradients = Read(model.Trainable.Select(t => t.Name), (name, target) => model.ReadGradient(name, target), model);
        model.Update(settings.Optimizer, new UpdateStep(0, settings.LearningRate, 0, 1));
        if (model.Trainable.Max(t => t.FirstStep) is > 0 and var last)
        {
            var early = Read(model, model.Trainable.Where(t => t.FirstStep > 0).Select(t => t.Name));
            var restless = early.Where(w => !w.Value.AsSpan().SequenceEqual(weightsBefore[w.Key])).Select(w => w.Key).ToList();
            yield return new("weights that join later stay until then", restless.Count == 0, restless.Count == 0 ? $"{early.Count} weights" : NearestName.Preview(restless));
            model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));
            model.Update(settings.Optimizer, new UpdateStep(last, settings.LearningRate, 0, 1));
        }

        var notFinite = gradients.Where(g => !g.Value.All(float.IsFinite)).Select(g => g.Key).ToList();
        yield return new("every trainable weight has a finite gradient", notFinite.Count == 0, notFinite.Count == 0 ? $"{gradients.Count} weights" : NearestName.Preview(notFinite));

        var after = Read(model, weightsBefore.Keys);
        var still = weightsBefore.Where(w => w.Value.AsSpan().SequenceEqual(after[w.Key]) && gradients[w.Key].Any(g => g != 0)).Select(w => w.Key).ToList();
        var untouched = gradients.Where(g => g.Value.All(x => x == 0)).Select(g => g.Key).ToList();
        yield return new("every trainable weight with a gradient moves", still.Count == 0 && untouched.Count < gradients.Count,
            still.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"unmoved: {NearestName.Preview(still)}; a learning rate of {settings.LearningRate:G2} may be too small for 32-bit weights: raise it") : untouched.Count == 0 ? $"{after.Count} weights moved" : $"without a gradient on these {rows.Length} rows: {NearestName.Preview(untouched)}");

        var othersAfter = Read(model, othersBefore.Keys);
        var moved = othersBefore.Where(w => !w.Value.AsSpan().SequenceEqual(othersAfter[w.Key])).Select(w => w.Key).ToList();
        yield return new("frozen weights and buffers stay", moved.Count == 0, moved.Count == 0 ? $"{othersBefore.Count} entries" : NearestName.Preview(moved));
    }

    private static float[] Gradients(CompiledModel model)
        => [.. Read(model.Trainable.Select(t => t.Name), (name, target) => model.ReadGradient(name, target), model).Values.SelectMany(g => g)];

    private static Dictionary<string, float[]> Read(CompiledModel model, IEnumerable<string> names)
        => Read(names, (name, target) => model.ReadWeight(name, target), model);

    private static Dictionary<string, float[]> Read(IEnumerable<string> names, Action<string, float[]> read, CompiledModel model)
    {
        var values = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var target = new float[model.Graph.Weights[name].Count];
            read(name, target);
            values[name] = target;
        }
        return values;
    }

    private static SelfTestCheck Compare(string name, float[] a, float[] b, double limit)
    {
        double largest = 0, scale = 0;
        for (var i = 0; i < a.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)a[i] - b[i]));
            scale = Math.Max(scale, Math.Abs(a[i]));
            if (!float.IsFinite(a[i]) || !float.IsFinite(b[i])) return new(name, false, "a value is not a number");
        }
        var relative = scale == 0 ? largest : largest / scale;
        return new(name, relative <= limit, string.Create(CultureInfo.InvariantCulture, $"largest relative difference {relative:E1}, limit {limit:E0}"));
    }
}
