using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Randomness;
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
    private const int MostRows = 48;
    private const int MostWideRows = 8;        // pictures: a pass of a large network takes a second
    private const int WideRow = 4096;
    private const int MostProbes = 8;

    /// <summary>Runs all checks; takes milliseconds on tables and a few passes over at most 8 rows on pictures.</summary>
    /// <param name="model">The model as it will train.</param>
    /// <param name="set">Training rows with targets.</param>
    /// <param name="settings">Loss and optimizer as they will train.</param>
    public static IReadOnlyList<SelfTestCheck> Run(CompiledModel model, EncodedSet set, TrainingSettings settings)
    {
        settings = settings with { Loss = LossOf.Checkable(settings.Loss) };
        var rows = RowsOf(set, settings.MicroBatchSize, model.OutputWidth);
        var targets = TargetsFit(model, set, settings.Loss);
        if (!targets.Passed) return [targets];   // no loss can be computed from them
        var before = model.Capture();
        List<SelfTestCheck> checks = [targets];
        try
        {
            checks.Add(AccumulationIsExact(model, set, settings.Loss, rows));
            checks.Add(RowsAreIndependent(model, set, rows));
            checks.AddRange(EvaluationRepeats(model, set, rows));
            if (model.PrefixRounding is { } limit) checks.Add(KeptPrefixEqualsComputed(model, FewRows.Of(set, rows), settings.Loss, limit));
            checks.AddRange(OnlyTrainableWeightsMove(model, set, settings, rows, before));
        }
        finally
        {
            model.ClearGradients();
            model.Restore(before);
        }
        checks.Add(IsLeftAsItWas(model, before));
        return checks;
    }

    /// <summary>Rows that the checks look at, spread over the set: at most 48, of pictures and of texts with thousands of outputs at most 8.</summary>
    internal static int[] RowsOf(EncodedSet set, int most, int outputs = 1)
    {
        var wide = set.Inputs.Sum(i => (long)i.Width) >= WideRow || (long)set.Units / Math.Max(1, set.Rows) * outputs >= WideRow;
        var rows = new int[Math.Min(wide ? MostWideRows : MostRows, Math.Min(set.Rows, most))];
        for (var i = 0; i < rows.Length; i++) rows[i] = (int)((long)i * set.Rows / rows.Length);
        return rows;
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
        if (loss.CouplesRows) return new(name, true, $"{loss.Name} compares the rows of a batch: a step is one pass");
        var count = LossOf.Count(loss, set, rows);
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
        var together = new float[set.UnitsOf(rows) * model.OutputWidth];
        model.Predict(set, rows, together);
        var alone = new float[together.Length];
        for (int i = 0, at = 0; i < rows.Length; i++)
        {
            var width = set.UnitsOf(rows[i]).Count * model.OutputWidth;
            model.Predict(set, rows.AsSpan(i, 1), alone.AsSpan(at, width));
            at += width;
        }
        return Compare("a row alone = the row in a batch", together, alone, model.Rounding);
    }

    private static SelfTestCheck TargetsFit(CompiledModel model, EncodedSet set, Loss loss)
    {
        const string name = "targets are finite and in range";
        var targets = set.Targets!;
        if (targets.Labels is { } labels)
        {
            if (loss.RowsPerExample > 1) return new(name, true, $"{targets.Rows} texts");   // labels say which texts are the same, not what is put out
            // The loss knows which labels outside the outputs' range mean something: to be ignored, the highest of an ordinal scale.
            var row = Array.FindIndex(labels, l => (uint)l >= (uint)model.OutputWidth && !Takes(l));
            return new(name, row < 0, row < 0 ? $"{targets.Rows} labels" : $"row {row} has class {labels[row]}; the network has {model.OutputWidth} outputs");
        }
        var at = Array.FindIndex(targets.Values!, v => !float.IsFinite(v));
        return new(name, at < 0, at < 0 ? $"{targets.Rows} rows for {loss.Name}" : $"row {at / targets.Width} has no number");

        bool Takes(int label)
        {
            try
            {
                loss.Sum(new float[model.OutputWidth], model.OutputWidth, new LossTargets { Labels = [label], Rows = 1, ValueWidth = 1 }, [], 1);
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }

    private static IEnumerable<SelfTestCheck> EvaluationRepeats(CompiledModel model, EncodedSet set, int[] rows)
    {
        var all = Read(model, Entries(model).Select(w => w.Name));
        var first = new float[set.UnitsOf(rows) * model.OutputWidth];
        var second = new float[first.Length];
        model.Predict(set, rows, first);
        model.Predict(set, rows, second);
        var finite = first.All(float.IsFinite);
        var equal = finite && first.AsSpan().SequenceEqual(second);
        yield return new("evaluation repeats to the bit and is finite", equal, !finite ? "an output is not a number" : equal ? "equal" : "two passes over the same rows differ: something random is on");
        var moved = Moved(model, all);
        yield return new("evaluation changes no weight", moved.Count == 0, moved.Count == 0 ? $"{all.Count} entries" : NearestName.Preview(moved));
    }

    private static SelfTestCheck KeptPrefixEqualsComputed(CompiledModel model, EncodedSet few, Loss loss, double limit)
    {
        int[] order = [.. Enumerable.Range(0, few.Rows).Reverse()];
        var count = LossOf.Count(loss, few, order);
        // Random nodes of a kept prefix are off and moving statistics would move between the two passes: only without either is a random pass, which reads the augmented view, the same.
        var mode = model.Capture().Weights.Count > model.Trainable.Count || model.Graph.Nodes.Any(n => n.Operator == "Dropout" || n.Domain == Node.AttuneDomain) ? TrainingMode.Deterministic : TrainingMode.Random;
        var (outputs, gradients) = Pass();
        model.Prepare(few, StreamedInput.PlainView);
        model.Prepare(few, 0);
        var (keptOutputs, keptGradients) = Pass();
        model.Forget(few);
        const string name = "rows from the prefix cache = rows computed";
        var check = Compare(name, outputs, keptOutputs, limit);
        return check.Passed ? Compare(name, gradients, keptGradients, limit) : check;

        (float[] Outputs, float[] Gradients) Pass()
        {
            var predicted = new float[few.Units * model.OutputWidth];
            model.Predict(few, order, predicted);
            model.ClearGradients();
            model.Accumulate(few, order, loss, count, new MicroStep(0, 0, mode));
            return (predicted, SelfTest.Gradients(model));
        }
    }

    private static IEnumerable<SelfTestCheck> OnlyTrainableWeightsMove(CompiledModel model, EncodedSet set, TrainingSettings settings, int[] rows, TrainingState before)
    {
        var trainable = model.Trainable.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var weightsBefore = Read(model, model.Trainable.Select(t => t.Name));
        var othersBefore = Read(model, Entries(model).Where(w => !trainable.Contains(w.Name)).Select(w => w.Name));

        model.ClearGradients();
        var count = LossOf.Count(settings.Loss, set, rows);
        var loss = model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));
        var gradients = Read(model.Trainable.Select(t => t.Name), (name, target) => model.ReadGradient(name, target), model);
        var notFinite = gradients.Where(g => !g.Value.All(float.IsFinite)).Select(g => g.Key).ToList();
        var untouched = gradients.Where(g => g.Value.All(x => x == 0)).Select(g => g.Key).ToList();
        var unheard = untouched.Count < gradients.Count ? untouched.Take(MostProbes).Where(n => MovesTheLoss(model, set, settings.Loss, rows, n, loss)).ToList() : [];
        model.ClearGradients();
        model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));

        model.Update(settings.Optimizer, new UpdateStep(0, settings.LearningRate, 0, 1));
        if (model.Trainable.Max(t => t.FirstStep) is > 0 and var last)
        {
            var early = model.Trainable.Where(t => t.FirstStep > 0).ToDictionary(t => t.Name, t => weightsBefore[t.Name], StringComparer.Ordinal);
            var restless = Moved(model, early);
            yield return new("weights that join later stay until then", restless.Count == 0, restless.Count == 0 ? $"{early.Count} weights" : NearestName.Preview(restless));
            model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));
            model.Update(settings.Optimizer, new UpdateStep(last, settings.LearningRate, 0, 1));
        }

        yield return new("every trainable weight has a finite gradient", notFinite.Count == 0, notFinite.Count == 0 ? $"{gradients.Count} weights" : NearestName.Preview(notFinite));
        yield return new("every trainable weight that moves the loss has a gradient", unheard.Count == 0, unheard.Count == 0 ? $"{gradients.Count - untouched.Count} of {gradients.Count} weights" : NearestName.Preview(unheard));

        var moved = Moved(model, weightsBefore).ToHashSet(StringComparer.Ordinal);
        var still = weightsBefore.Keys.Where(n => !moved.Contains(n) && !untouched.Contains(n)).ToList();
        var faint = MovesFromZero(model, set, settings, rows, count, Faint(still, gradients), weightsBefore);
        still.RemoveAll(faint.Contains);
        yield return new("every trainable weight with a gradient moves", still.Count == 0 && untouched.Count < gradients.Count,
            still.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"unmoved: {NearestName.Preview(still)}; a learning rate of {settings.LearningRate:G2} may be too small for 32-bit weights: raise it") : untouched.Count == 0 ? $"{weightsBefore.Count - faint.Count} weights moved{(faint.Count == 0 ? "" : $"; {faint.Count} have gradients too faint for 32-bit numbers as yet")}" : $"without a gradient on these {rows.Length} rows: {NearestName.Preview(untouched)}");

        var strays = Moved(model, othersBefore);
        yield return new("frozen weights and buffers stay", strays.Count == 0, strays.Count == 0 ? $"{othersBefore.Count} entries" : NearestName.Preview(strays));

        // With random nodes on and BatchNormalization as it trains: what is captured may move, nothing else.
        foreach (var name in before.Weights.Keys) othersBefore.Remove(name);
        model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0));
        model.Update(settings.Optimizer, new UpdateStep(1, settings.LearningRate, 0, 1));
        strays = Moved(model, othersBefore);
        yield return new("frozen weights and statistics stay in a training pass", strays.Count == 0, strays.Count == 0 ? $"{othersBefore.Count} entries" : NearestName.Preview(strays));
    }

    /// <summary>Those whose largest gradient is below the rounding of a 32-bit number beside the largest of all: their step may be smaller than what a number near 1 can show.</summary>
    private static List<string> Faint(List<string> still, Dictionary<string, float[]> gradients)
    {
        var limit = 1e-6f * gradients.Values.Max(Largest);
        return [.. still.Where(n => Largest(gradients[n]) < limit)];

        static float Largest(float[] values) => values.Max(Math.Abs);
    }

    /// <summary>Those of some weights that leave 0, where a number shows the smallest step, when they are put there before an update; their values are put back.</summary>
    private static HashSet<string> MovesFromZero(CompiledModel model, EncodedSet set, TrainingSettings settings, int[] rows, double count, List<string> names, Dictionary<string, float[]> values)
    {
        if (names.Count == 0) return [];
        model.Accumulate(set, rows, settings.Loss, count, new MicroStep(0, 0, TrainingMode.Deterministic));
        foreach (var name in names) model.WriteWeight(name, new float[values[name].Length]);
        model.Update(settings.Optimizer, new UpdateStep(1, settings.LearningRate, 0, 1));
        var moved = Read(model, names).Where(w => w.Value.Any(v => v != 0)).Select(w => w.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names) model.WriteWeight(name, values[name]);
        return moved;
    }

    /// <summary>True when the loss goes up on one side of a weight's values and down on the other, so that its gradient cannot be 0.</summary>
    private static bool MovesTheLoss(CompiledModel model, EncodedSet set, Loss loss, int[] rows, string name, double start)
    {
        var values = new float[model.Graph.Weights[name].Count];
        model.ReadWeight(name, values);
        var largest = values.Max(Math.Abs);
        var step = 0.01f * (largest == 0 ? 1 : largest);
        var stream = new Philox(0, "self-test " + name);
        double up = Shifted(step), down = Shifted(-step);
        model.WriteWeight(name, values);
        var limit = 0.1 * model.Rounding * Math.Abs(start);
        // One-sided changes are kinks (a saturated or dead unit that wakes), where a gradient of 0 is right.
        return up * down < 0 && Math.Min(Math.Abs(up), Math.Abs(down)) > limit && Math.Abs(up) < 3 * Math.Abs(down) && Math.Abs(down) < 3 * Math.Abs(up);

        double Shifted(float by)
        {
            var shifted = new float[values.Length];
            for (var i = 0; i < values.Length; i++) shifted[i] = values[i] + (stream.Uniform((ulong)i) < 0.5 ? by : -by);
            model.WriteWeight(name, shifted);
            return model.Accumulate(set, rows, loss, 1, new MicroStep(0, 0, TrainingMode.Deterministic)) - start;
        }
    }

    private static SelfTestCheck IsLeftAsItWas(CompiledModel model, TrainingState before)
    {
        var after = model.Capture();
        // An optimizer state that was not there yet and one of zeros are the same.
        var differing = before.Weights.Where(w => !w.Value.AsSpan().SequenceEqual(after.Weights[w.Key])).Select(w => w.Key)
            .Concat(Enumerable.Range(0, OptimizerState.Most).SelectMany(i => Differing(before.State(i), after.State(i)))).Distinct().ToList();
        return new("the model is left to the bit", differing.Count == 0, differing.Count == 0 ? $"{before.Weights.Count} entries" : NearestName.Preview(differing));

        static IEnumerable<string> Differing(IReadOnlyDictionary<string, float[]> before, IReadOnlyDictionary<string, float[]> after)
            => after.Where(s => before.TryGetValue(s.Key, out var values) ? !values.AsSpan().SequenceEqual(s.Value) : s.Value.Any(v => v != 0)).Select(s => s.Key);
    }

    private static IEnumerable<Weight> Entries(CompiledModel model) => model.Graph.Weights.All.Where(w => w.Role != WeightRole.Constant);

    /// <summary>Names of the entries whose values are not the given ones any more.</summary>
    private static List<string> Moved(CompiledModel model, IReadOnlyDictionary<string, float[]> before)
    {
        var scratch = new float[before.Values.Select(v => v.Length).DefaultIfEmpty(0).Max()];
        var moved = new List<string>();
        foreach (var (name, values) in before)
        {
            var now = scratch.AsSpan(0, values.Length);
            model.ReadWeight(name, now);
            if (!now.SequenceEqual(values)) moved.Add(name);
        }
        return moved;
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
