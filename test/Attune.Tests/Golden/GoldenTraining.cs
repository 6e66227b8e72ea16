using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Tests.Golden;

/// <summary>Gradients and AdamW trajectories of the golden data on libtorch, whatever the network.</summary>
/// <param name="graph">The network.</param>
/// <param name="output">The output that the loss sees.</param>
/// <param name="loss">The loss.</param>
/// <param name="only">Names of what trains; null for everything.</param>
internal sealed class GoldenTraining(Graph graph, string output, Loss loss, IReadOnlyCollection<string>? only = null)
{
    // PEFT's names of an adapter's tensors
    private const string Prefix = "base_model.model.";

    private const double GradientTolerance = 1e-4;

    // Below this share of the largest gradient there is rounding noise only: a true gradient of zero, as of the key's bias in a softmax attention.
    private const float NoGradient = 1e-6f;

    /// <summary>The network with everything that the output needs trainable.</summary>
    public TorchModel Compile(double decay, HashSet<string> decayed)
    {
        var used = TorchPlanBuilder.NeededNodes(graph, [output]).SelectMany(GraphSort.Reads).ToHashSet(StringComparer.Ordinal);
        return TorchCompiler.Compile(graph, new CompileOptions
        {
            Output = output,
            Trainable = [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter && only?.Contains(w.Name) != false && w.Aliases.Prepend(w.Name).Any(used.Contains)).Select(w => new TrainableWeight(w.Name, WeightDecay: decayed.Contains(w.Name) ? decay : 0))],
        });
    }

    /// <summary>Number that the loss's sum is divided by.</summary>
    public double Count(EncodedSet set)
    {
        var (labels, values) = (Array.Empty<int>(), Array.Empty<float>());
        return loss.Count(set.TargetsOf(Rows(set), -1, ref labels, ref values));
    }

    /// <summary>All rows of a set.</summary>
    public static int[] Rows(EncodedSet set) => [.. Enumerable.Range(0, set.Rows)];

    /// <summary>Gradients of the pass before, in full and as checksums.</summary>
    public static string? Gradients(CompiledModel model, JsonElement expected, GoldenTensors tensors)
    {
        foreach (var entry in expected.GetProperty("gradients").GetProperty("checksums").EnumerateObject())
        {
            var gradient = new float[model.Graph.Weights[NameOf(entry.Name)].Count];
            model.ReadGradient(NameOf(entry.Name), gradient);
            if (Checksum($"gradient of {entry.Name}", entry.Value, gradient, GradientTolerance, 1e-6) is { } failure) return failure;
            if (tensors.Has($"grad.{entry.Name}") && GoldenOutcome.Compare($"grad.{entry.Name}", tensors.Floats($"grad.{entry.Name}"), gradient, 1e-6, GradientTolerance) is { } off) return off;
        }
        return null;
    }

    /// <summary>AdamW steps: losses, gradient norms, weights and losses afterwards; <paramref name="after"/> compares weights that are named in another way.</summary>
    public string? Trajectory(JsonElement expected, GoldenTensors tensors, Dictionary<string, EncodedSet> sets, Func<CompiledModel, string?>? after = null)
    {
        var golden = expected.GetProperty("trajectory");
        var settings = golden.GetProperty("settings");
        var decayed = Decayed(golden);
        using var model = Compile(settings.GetProperty("weight_decay").GetDouble(), decayed);
        if (only is not null && decayed.FirstOrDefault(d => !model.Trainable.Any(t => t.Name == d)) is { } lost) return $"'{lost}' decays in the reference and is no weight that trains here";
        var rule = RuleOf(settings);
        var largest = new Dictionary<string, float>(StringComparer.Ordinal);
        for (var step = 0; step < settings.GetProperty("steps").GetInt32(); step++)
        {
            var set = sets[settings.GetProperty("batch_order")[step].GetString()!];
            var value = model.Accumulate(set, Rows(set), loss, Count(set), new MicroStep(step, 0)) / Count(set);
            if (GoldenOutcome.Compare($"loss of step {step}", golden.GetProperty("loss")[step].GetDouble(), value, 1e-4) is { } failure) return failure;
            foreach (var name in model.Trainable.Select(t => t.Name)) largest[name] = Math.Max(largest.GetValueOrDefault(name), LargestGradient(model, name));
            var norm = model.GradientNorm();
            var wanted = golden.GetProperty("grad_norm")[step].GetDouble();
            if (GoldenOutcome.Compare($"gradient norm of step {step}", wanted, norm, 1e-3) is { } off && Near("", wanted, norm, 1e-3, NormNoise(golden, sets, step, norm)) is not null) return off;
            Update(model, rule, golden, step, norm);
        }
        if (after is not null) return after(model) ?? EvalAfter(model, golden, sets);
        return (golden.TryGetProperty("parameters_after", out _) ? After(model, golden, tensors, [.. largest.Where(g => g.Value < NoGradient * largest.Values.Max()).Select(g => g.Key)]) : AdapterAfter(model, expected, tensors)) ?? EvalAfter(model, golden, sets);
    }

    // Twice the largest change of the norm over runs that start one unit in the last place away: what no float32 run can know better.
    // A norm of 88 among norms of 4 (adapters/rslora_llama, step 4) moves by half a percent so; a missing decay moves step 2 by a percent, and its noise is 1e-5.
    private double NormNoise(JsonElement golden, Dictionary<string, EncodedSet> sets, int last, double norm)
    {
        var settings = golden.GetProperty("settings");
        double largest = 0;
        for (var start = 0; start < 4; start++)
        {
            using var model = Compile(settings.GetProperty("weight_decay").GetDouble(), Decayed(golden));
            foreach (var name in model.Trainable.Select(t => t.Name))
            {
                var (values, coins) = (new float[model.Graph.Weights[name].Count], new Philox((ulong)start, name));
                model.ReadWeight(name, values);
                for (var i = 0; i < values.Length; i++) values[i] = coins.Uniform((ulong)i) < 0.5 ? MathF.BitIncrement(values[i]) : MathF.BitDecrement(values[i]);
                model.WriteWeight(name, values);
            }
            var rule = RuleOf(settings);
            for (var step = 0; step <= last; step++)
            {
                var set = sets[settings.GetProperty("batch_order")[step].GetString()!];
                model.Accumulate(set, Rows(set), loss, Count(set), new MicroStep(step, 0));
                var other = model.GradientNorm();
                if (step == last) largest = Math.Max(largest, Math.Abs(other - norm));
                Update(model, rule, golden, step, other);
            }
        }
        return 2 * largest;
    }

    private static HashSet<string> Decayed(JsonElement golden) => golden.GetProperty("decay_parameters").EnumerateArray().Select(p => NameOf(p.GetString()!)).ToHashSet(StringComparer.Ordinal);

    private static AdamW RuleOf(JsonElement settings) => new(settings.GetProperty("betas")[0].GetDouble(), settings.GetProperty("betas")[1].GetDouble(), settings.GetProperty("eps").GetDouble());

    private static void Update(TorchModel model, AdamW rule, JsonElement golden, int step, double norm)
    {
        var most = golden.GetProperty("settings").GetProperty("max_grad_norm");
        var scale = most.ValueKind == JsonValueKind.Number ? Math.Min(1, most.GetDouble() / (norm + 1e-6)) : 1;
        model.Update(rule, new UpdateStep(step, golden.GetProperty("lr")[step].GetDouble(), 0, (float)scale));
    }

    private static float LargestGradient(CompiledModel model, string name)
    {
        var gradient = new float[model.Graph.Weights[name].Count];
        model.ReadGradient(name, gradient);
        return gradient.Length == 0 ? 0 : gradient.Max(Math.Abs);
    }

    // In memory PEFT puts the adapter's name, "default", into the names of its files, and keeps DoRA's magnitudes in a module of their own.
    private static string NameOf(string golden)
    {
        if (!golden.StartsWith(Prefix, StringComparison.Ordinal)) return golden;
        var name = golden[Prefix.Length..].Replace(".modules_to_save.default.", ".", StringComparison.Ordinal).Replace(".default.", ".", StringComparison.Ordinal);
        foreach (var end in new[] { ".default", ".weight" }.Where(e => name.EndsWith(e, StringComparison.Ordinal) && (e == ".default" || name.EndsWith(".lora_magnitude_vector.weight", StringComparison.Ordinal)))) name = name[..^end.Length];
        return name;
    }

    private string? AdapterAfter(CompiledModel model, JsonElement expected, GoldenTensors tensors)
    {
        foreach (var name in expected.GetProperty("adapter_tensors").EnumerateObject().Select(t => t.Name).Where(n => tensors.Has("after." + n) && only?.Contains(NameOf(n)) != false))
        {
            var values = new float[model.Graph.Weights[NameOf(name)].Count];
            model.ReadWeight(NameOf(name), values);
            if (GoldenOutcome.Compare($"{name} after training", tensors.Floats($"after.{name}"), values, 1e-4) is { } off) return off;
        }
        return null;
    }

    /// <summary>Weights after the last step.</summary>
    /// <param name="model">The trained network.</param>
    /// <param name="golden">The trajectory.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="still">Weights without a gradient: Adam makes full steps of their noise, and the reference asks not to compare them tightly. Where it states no noise, they may lie two such walks apart.</param>
    private string? After(CompiledModel model, JsonElement golden, GoldenTensors tensors, HashSet<string> still)
    {
        foreach (var entry in golden.GetProperty("parameters_after").EnumerateObject())
        {
            // an embedding's encoder carries its pooler along untouched
            if (output == "sentence_embedding" && entry.Name.StartsWith("pooler.", StringComparison.Ordinal)) continue;
            var values = new float[model.Graph.Weights[entry.Name].Count];
            model.ReadWeight(entry.Name, values);
            var limit = entry.Value.TryGetProperty("float32_vs_float64_max_abs", out var n) ? 1e-4 + 10 * n.GetDouble()
                : still.Contains(entry.Name) ? 1e-4 + 2 * golden.GetProperty("lr").EnumerateArray().Sum(r => r.GetDouble()) : 1e-4;
            if (After(entry.Name, entry.Value, values, limit) is { } failure) return failure;

            // some files hold the starting weights under this name; their own checksum tells
            if (!tensors.Has($"after.{entry.Name}") || After("", entry.Value, tensors.Floats($"after.{entry.Name}"), 1e-6) is not null) continue;
            if (GoldenOutcome.Compare($"{entry.Name} after training", tensors.Floats($"after.{entry.Name}"), values, limit) is { } off) return off;
        }
        if (!golden.TryGetProperty("buffers_after", out var buffers) || buffers.ValueKind != JsonValueKind.Object) return null;

        // A bias in front of a batch norm has no gradient but rounding noise, which Adam makes full steps of; it moves the means behind it and nothing else.
        // One pass's statistics are compared tightly above.
        var shift = 1e-4 + 10 * golden.GetProperty("parameters_after").EnumerateObject().Max(e => e.Value.TryGetProperty("float32_vs_float64_max_abs", out var n) ? n.GetDouble() : 0);
        foreach (var entry in buffers.EnumerateObject().Where(e => model.Graph.Weights.Contains(e.Name)))
        {
            var values = new float[model.Graph.Weights[entry.Name].Count];
            model.ReadWeight(entry.Name, values);
            var failure = entry.Name.EndsWith("running_mean", StringComparison.Ordinal)
                ? After(entry.Name, entry.Value, values, shift)
                : Checksum($"{entry.Name} after training", entry.Value, values, 1e-3, 1e-4);
            if (failure is not null) return failure;
        }
        return null;
    }

    // Largest difference of an element: limit. Sums may then differ by limit × n, the norm by limit × √n.
    private static string? After(string name, JsonElement checksum, float[] values, double limit)
        => Near($"{name} after training, first", checksum.GetProperty("first").GetDouble(), values[0], 0, limit)
            ?? Near($"{name} after training, last", checksum.GetProperty("last").GetDouble(), values[^1], 0, limit)
            ?? Near($"{name} after training, sum", checksum.GetProperty("sum").GetDouble(), values.Sum(v => (double)v), 0, limit * values.Length)
            ?? Near($"{name} after training, l2", checksum.GetProperty("l2").GetDouble(), Math.Sqrt(values.Sum(v => (double)v * v)), 0, limit * Math.Sqrt(values.Length));

    private string? EvalAfter(CompiledModel model, JsonElement golden, Dictionary<string, EncodedSet> sets)
    {
        if (!golden.TryGetProperty("eval_loss_after", out _)) return null;
        var i = 0;
        foreach (var set in sets.Values)
        {
            var value = model.Accumulate(set, Rows(set), loss, Count(set), new MicroStep(0, 0, TrainingMode.Deterministic)) / Count(set);
            if (GoldenOutcome.Compare("loss after training", golden.GetProperty("eval_loss_after")[i++].GetDouble(), value, 1e-3) is { } failure) return failure;
        }
        return null;
    }

    private static string? Checksum(string what, JsonElement checksum, float[] values, double relative, double absolute)
    {
        var total = checksum.GetProperty("abs_sum").GetDouble();
        return Near($"{what}, sum", checksum.GetProperty("sum").GetDouble(), values.Sum(v => (double)v), 0, relative * total + absolute)
            ?? Near($"{what}, abs_sum", total, values.Sum(v => Math.Abs((double)v)), relative, absolute)
            ?? Near($"{what}, l2", checksum.GetProperty("l2").GetDouble(), Math.Sqrt(values.Sum(v => (double)v * v)), relative, absolute);
    }

    public static string? Near(string what, double expected, double actual, double relative, double absolute = 0)
        => Math.Abs(expected - actual) <= absolute + relative * Math.Abs(expected) ? null : FormattableString.Invariant($"{what}: {actual:g7}, expected {expected:g7}");
}
