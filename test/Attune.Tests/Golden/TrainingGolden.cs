using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Optimizers;
using Attune.Options;

namespace Attune.Tests.Golden;

/// <summary>Cases of training/expected.json over networks of models/: a head alone, rates that fall from layer to layer, accumulation under both counts, a teacher. Pending where a loss does not exist yet.</summary>
public static partial class TrainingGolden
{
    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var path = Path.Combine(goldenFolder, "training", "expected.json");
        if (!File.Exists(path)) yield break;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var tensors = new GoldenTensors(Path.Combine(goldenFolder, "training", document.RootElement.GetProperty("tensors").GetString()!));
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = golden.GetProperty("name").GetString()!;
            yield return GoldenOutcome.Of("training/" + name, () => Check(goldenFolder, golden, new Tensors(tensors, name)));
        }
    }

    private static string? Check(string goldenFolder, JsonElement golden, Tensors tensors)
    {
        if (golden.TryGetProperty("reference_model", out _)) throw new NotImplementedException("no loss over preferences");
        var network = new Network(Path.Combine(goldenFolder, golden.GetProperty(golden.TryGetProperty("student", out _) ? "teacher" : "base_model").GetString()!));
        return golden switch
        {
            _ when golden.TryGetProperty("trainable", out _) => HeadOnly(golden, network, tensors),
            _ when golden.TryGetProperty("lr_of_parameter", out _) => Layerwise(golden, network, tensors),
            _ when golden.TryGetProperty("micro_batches", out _) => Accumulation(golden, network, tensors),
            _ when golden.TryGetProperty("temperature", out _) => Distilled(golden, network, tensors),
            _ => throw new NotImplementedException("no runner for this kind of case"),
        };
    }

    private static string? HeadOnly(JsonElement golden, Network network, Tensors tensors)
    {
        var trains = PlanOf(network, new MethodOptions { Name = "head" }).Trainable.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var wanted = golden.GetProperty("trainable").EnumerateArray().Select(n => n.GetString()!).ToList();
        return trains.SetEquals(wanted)
            ? new GoldenTraining(network.Graph, TextModel.Logits, network.Loss, trains).Trajectory(golden, tensors.All, network.Sets, tensors.After)
            : $"the method 'head' trains {string.Join(", ", trains)}; expected {string.Join(", ", wanted)}";
    }

    // Rates of the method itself: blocks and what stands above and below them.
    private static string? Layerwise(JsonElement golden, Network network, Tensors tensors)
    {
        var rate = golden.GetProperty("base_lr").GetDouble();
        var plan = PlanOf(network, new MethodOptions { LayerRateDecay = golden.GetProperty("factor").GetDouble() });
        var wanted = golden.GetProperty("lr_of_parameter").EnumerateArray().ToDictionary(p => p[0].GetString()!, p => p[1].GetDouble(), StringComparer.Ordinal);
        foreach (var (name, expected) in wanted)
        {
            if (plan.Trainable.FirstOrDefault(t => t.Name == name) is not { } weight) return $"'{name}' does not train";
            if (GoldenOutcome.Compare($"rate of {name}", expected, rate * weight.LearningRateScale, 1e-9) is { } off) return off;
        }
        if (plan.Trainable.FirstOrDefault(t => !wanted.ContainsKey(t.Name)) is { } more) return $"'{more.Name}' trains and should not";
        using var model = TorchCompiler.Compile(network.Graph, new CompileOptions { Output = TextModel.Logits, Trainable = plan.Trainable });
        var (rule, order, step) = (new AdamW(0.9, 0.999, 1e-8), network.Sets.Values.ToList(), 0);
        foreach (var loss in golden.GetProperty("loss").EnumerateArray())
        {
            if (GoldenOutcome.Compare($"loss of step {step}", loss.GetDouble(), network.Pass(model, order[step % order.Count], step), 1e-4) is { } failure) return failure;
            model.Update(rule, new UpdateStep(step++, rate, 0, 1));
        }
        return tensors.After(model);
    }

    // One step for all batches together: the mean of their means, or the sum over their tokens.
    private static string? Accumulation(JsonElement golden, Network network, Tensors tensors)
    {
        var isMean = golden.GetProperty("definition").GetString()!.Contains("mean loss", StringComparison.Ordinal);
        var settings = golden.GetProperty("optimizer").GetString()!;
        var betas = Betas().Match(settings);
        var rule = new AdamW(Number(betas.Groups[1]), Number(betas.Groups[2]), Number(Epsilon().Match(settings).Groups[1]));
        var (rate, decay, clip) = (Number(Rate().Match(settings).Groups[1]), Number(Decay().Match(settings).Groups[1]), Number(Clip().Match(settings).Groups[1]));
        var plain = golden.GetProperty("no_decay_parameters").EnumerateArray().Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal);
        var training = new GoldenTraining(network.Graph, TextModel.Logits, network.Loss);
        using var model = training.Compile(decay, [.. network.Graph.Weights.All.Select(w => w.Name).Where(n => !plain.Contains(n))]);
        var sets = network.Sets.Values.ToList();
        var counted = sets.Sum(training.Count);
        if (counted != golden.GetProperty("counted_tokens").GetInt32()) return FormattableString.Invariant($"{counted} tokens count, expected {golden.GetProperty("counted_tokens").GetInt32()}");
        var (losses, norms) = (golden.GetProperty("loss"), golden.GetProperty("grad_norm"));
        for (var step = 0; step < losses.GetArrayLength(); step++)
        {
            double value = 0;
            foreach (var (index, set) in sets.Index())
            {
                var normalizer = isMean ? training.Count(set) * sets.Count : counted;
                value += model.Accumulate(set, GoldenTraining.Rows(set), network.Loss, normalizer, new MicroStep(step, index)) / normalizer;
            }
            var norm = model.GradientNorm();
            if ((GoldenOutcome.Compare($"loss of step {step}", losses[step].GetDouble(), value, 1e-4) ?? GoldenOutcome.Compare($"gradient norm of step {step}", norms[step].GetDouble(), norm, 1e-3)) is { } failure) return failure;
            model.Update(rule, new UpdateStep(step, rate, 0, (float)Math.Min(1, clip / (norm + 1e-6))));
        }
        return tensors.After(model);
    }

    private static string? Distilled(JsonElement golden, Network teacher, Tensors tensors)
    {
        var student = teacher.Graph with { Weights = teacher.Graph.Weights.DeepCopy() };
        foreach (var weight in student.Weights.All.Where(w => tensors.All.Has(tensors.Start(w.Name)))) tensors.All.Floats(tensors.Start(weight.Name)).CopyTo(weight.Value.Data.Span<float>());
        using var model = TorchCompiler.Compile(teacher.Graph, new CompileOptions { Output = TextModel.Logits });
        var sets = new Dictionary<string, EncodedSet>();
        foreach (var (name, set) in teacher.Sets)
        {
            var outputs = new float[set.Units * model.OutputWidth];
            model.Predict(set, GoldenTraining.Rows(set), outputs);
            sets[name] = new EncodedSet(set.Rows, set.Inputs, set.Targets!.With(outputs), set.UnitStarts is { } starts ? [.. starts] : null);
        }
        var loss = new Distillation(teacher.Loss, OutputKind.Softmax, golden.GetProperty("temperature").GetDouble(), golden.GetProperty("alpha").GetDouble());
        return new GoldenTraining(student, TextModel.Logits, loss).Trajectory(golden, tensors.All, sets, tensors.After);
    }

    private static MethodPlan PlanOf(Network network, MethodOptions options) => MethodPlan.For(network.Graph, options, 0, 0, new HashSet<string>(), output: TextModel.Logits);

    private static double Number(Group text) => double.Parse(text.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"betas ([\d.]+)/([\d.]+)")]
    private static partial Regex Betas();

    [GeneratedRegex(@"eps ([\d.e+-]+)")]
    private static partial Regex Epsilon();

    [GeneratedRegex(@"lr ([\d.e+-]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"weight decay ([\d.e+-]+)")]
    private static partial Regex Decay();

    [GeneratedRegex(@"clip ([\d.e+-]+)")]
    private static partial Regex Clip();

    /// <summary>A network of models/ with its loss and batches.</summary>
    private sealed class Network
    {
        public Network(string folder)
        {
            if (!Directory.Exists(folder)) throw new NotImplementedException($"{folder} is not in this copy of the golden data");
            if (TextConfig.ModelTypeOf(folder) is not { } type || !TextCatalog.Names.Contains(type)) throw new NotImplementedException($"no builder for {folder} yet");
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
            var inputs = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
            var model = TextGolden.Load(folder, document.RootElement, selects: true);
            (Graph, Loss) = (model.Graph, TextGolden.Objective(model));
            Sets = TextGolden.Batches(inputs).Where(b => inputs.Has($"{b}.labels")).ToDictionary(b => b, b => TextGolden.Set(model, inputs, b));
        }

        public Graph Graph { get; }

        public Loss Loss { get; }

        public Dictionary<string, EncodedSet> Sets { get; }

        /// <summary>Adds the gradients of a batch and returns its loss.</summary>
        public double Pass(CompiledModel model, EncodedSet set, int step)
        {
            var (labels, values) = (Array.Empty<int>(), Array.Empty<float>());
            var count = Loss.Count(set.TargetsOf(GoldenTraining.Rows(set), -1, ref labels, ref values));
            return model.Accumulate(set, GoldenTraining.Rows(set), Loss, count, new MicroStep(step, 0)) / count;
        }
    }

    /// <summary>The tensors of one case; what they are called begins as the case does.</summary>
    private sealed class Tensors(GoldenTensors all, string name)
    {
        public GoldenTensors All => all;

        public string Start(string weight) => $"{name}.student_start.{weight}";

        public string? After(CompiledModel model)
        {
            foreach (var tensor in all.Names)
            {
                var at = tensor.IndexOf(".after.", StringComparison.Ordinal);
                if (at < 0 || !name.StartsWith(tensor[..at], StringComparison.Ordinal)) continue;
                var weight = tensor[(at + ".after.".Length)..];
                var values = new float[model.Graph.Weights[weight].Count];
                model.ReadWeight(weight, values);
                if (GoldenOutcome.Compare($"{weight} after training", all.Floats(tensor), values, 1e-4) is { } off) return off;
            }
            return null;
        }
    }
}
