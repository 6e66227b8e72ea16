using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;

namespace Attune.Tests.Golden;

/// <summary>Cases of optimizers/optimizers.json: 20 steps on a quadratic, and on a small network through the dense engine.</summary>
public static class OptimizersGolden
{
    private static readonly string[] Weights = ["0.weight", "0.bias", "2.weight", "2.bias"];

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var path = Path.Combine(goldenFolder, "optimizers", "optimizers.json");
        if (!File.Exists(path)) yield break;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var tensors = new GoldenTensors(Path.ChangeExtension(path, ".safetensors"));
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = golden.GetProperty("name").GetString()!;
            yield return GoldenOutcome.Of("optimizers/" + name, () => Quadratic(golden, name, tensors) ?? Network(golden, name, tensors));
        }
        yield return GoldenOutcome.Of("optimizers/groups_and_clipping", () => Groups(document.RootElement.GetProperty("groups_and_clipping"), tensors));
        if (document.RootElement.TryGetProperty("averaging", out _))
            yield return GoldenOutcome.Of("optimizers/averaging", () => throw new NotImplementedException("no weight averaging"));
    }

    private static (Optimizer Rule, double Rate, double Decay) Create(JsonElement golden)
    {
        var settings = golden.GetProperty("all_settings");
        double Number(string key) => settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;
        bool Flag(string key) => settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;
        var kind = golden.GetProperty("optimizer").GetString();
        if (Flag("maximize")) throw new NotImplementedException($"no {kind} with maximize");
        double? Optional(string key) => settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        double? Pair(string key, int index) => settings.GetProperty(key)[index] is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;
        double Beta(int index) => settings.GetProperty("betas")[index].GetDouble();
        Optimizer rule = kind switch
        {
            "torch.optim.SGD" => new Sgd(Number("momentum"), Flag("nesterov"), Number("dampening")),
            "torch.optim.Adam" => new Adam(Beta(0), Beta(1), Number("eps"), Flag("amsgrad")),
            "torch.optim.AdamW" => new AdamW(Beta(0), Beta(1), Number("eps"), Flag("amsgrad")),
            "torch.optim.NAdam" => new NAdam(Beta(0), Beta(1), Number("eps"), Number("momentum_decay"), Flag("decoupled_weight_decay")),
            "torch.optim.RAdam" when !Flag("decoupled_weight_decay") => new RAdam(Beta(0), Beta(1), Number("eps")),
            "torch.optim.Adamax" => new Adamax(Beta(0), Beta(1), Number("eps")),
            "torch.optim.RMSprop" => new RmsProp(Number("alpha"), Number("eps"), Number("momentum"), Flag("centered")),
            "torch.optim.Adagrad" => new Adagrad(Number("lr_decay"), Number("initial_accumulator_value"), Number("eps")),
            "timm.optim.Lion" when !Flag("caution") => new Lion(Beta(0), Beta(1)),
            "timm.optim.Lamb" when Flag("bias_correction") && Flag("grad_averaging") && !Flag("caution") && !Flag("trust_clip") && !Flag("always_adapt") && !Flag("decoupled_decay") && Number("max_grad_norm") is 0 or 1 => new Lamb(Beta(0), Beta(1), Number("eps")),
            "transformers.Adafactor" => new Adafactor
            {
                Beta1 = Optional("beta1"),
                DecayRate = Number("decay_rate"),
                Epsilon = Pair("eps", 0),
                LeastScale = Pair("eps", 1)!.Value,
                ClipThreshold = Number("clip_threshold"),
                ScalesByWeight = Flag("scale_parameter"),
                RelativeStep = Flag("relative_step"),
                WarmupInit = Flag("warmup_init"),
            },
            "torch.optim.Adafactor" => new Adafactor { IsTorchForm = true, DecayRate = Number("beta2_decay"), Epsilon = Pair("eps", 0), LeastScale = Pair("eps", 1)!.Value, ClipThreshold = Number("d") },
            _ => throw new NotImplementedException($"no optimizer like {kind}"),
        };
        return (rule, Number("lr"), Number("weight_decay"));
    }

    private static string? Quadratic(JsonElement golden, string name, GoldenTensors tensors)
    {
        var (rule, rate, decay) = Create(golden);
        float[] x = tensors.Floats("quadratic.x0"), diagonal = tensors.Floats("quadratic.diagonal"), center = tensors.Floats("quadratic.center");
        var gradient = new float[x.Length];
        var states = Enumerable.Range(0, rule.StateCount).Select(_ => new float[x.Length]).ToArray();
        var expected = tensors.Floats(name + ".quadratic");
        var tolerance = 1e-5 + 10 * golden.GetProperty("quadratic_float32_vs_float64_max_abs").GetDouble();
        for (var step = 0; step < expected.Length / x.Length; step++)
        {
            for (var i = 0; i < x.Length; i++) gradient[i] = diagonal[i] * (x[i] - center[i]);
            rule.Update(x, gradient, OptimizerState.Of(states), new UpdateStep(step, rate, decay, (float)Clip(rule, gradient)));
            if (GoldenOutcome.Compare($"quadratic, step {step}", expected.AsSpan(step * x.Length, x.Length), x, tolerance) is { } failure) return failure;
        }
        return null;
    }

    // timm's Lamb divides by the norm where it is above 1, all weights together.
    private static double Clip(Optimizer rule, float[] gradient) => rule is Lamb ? 1 / Math.Max(1, Math.Sqrt(gradient.Sum(g => (double)g * g))) : 1;

    private static string? Network(JsonElement golden, string name, GoldenTensors tensors)
    {
        var (rule, rate, decay) = Create(golden);
        using var model = Compile(tensors, 1, [.. Weights.Select(w => new TrainableWeight(w, 1, decay))]);
        var set = Set(tensors);
        var step = 0;
        foreach (var expected in golden.GetProperty("mlp_loss").EnumerateArray())
        {
            var loss = Step(model, set, step, out var norm);
            if (GoldenOutcome.Compare($"network loss, step {step}", expected.GetDouble(), loss, 1e-5) is { } failure) return failure;
            model.Update(rule, new UpdateStep(step++, rate, 0, rule is Lamb ? (float)(1 / Math.Max(1, norm)) : 1));
        }
        return After(model, name, tensors, 1e-5 + 10 * golden.GetProperty("mlp_float32_vs_float64_max_abs").GetDouble());
    }

    private static string? Groups(JsonElement golden, GoldenTensors tensors)
    {
        var groups = golden.GetProperty("groups").EnumerateArray().ToList();
        var trainable = Weights.Select(w =>
        {
            var group = groups.First(g => g.GetProperty("parameters").EnumerateArray().Any(p => p.GetString() == w));
            return new TrainableWeight(w, group.GetProperty("lr").GetDouble(), group.GetProperty("weight_decay").GetDouble());
        }).ToList();
        using var model = Compile(tensors, golden.GetProperty("logit_scale").GetSingle(), trainable);
        var set = Set(tensors);
        var limit = golden.GetProperty("max_grad_norm").GetDouble();
        var norms = golden.GetProperty("grad_norm_before_clipping").EnumerateArray().Select(n => n.GetDouble()).ToList();
        var step = 0;
        foreach (var expected in golden.GetProperty("loss").EnumerateArray())
        {
            var loss = Step(model, set, step, out var norm);
            var failure = GoldenOutcome.Compare($"loss, step {step}", expected.GetDouble(), loss, 1e-4) ?? GoldenOutcome.Compare($"norm, step {step}", norms[step], norm, 1e-4);
            if (failure is not null) return failure;
            model.Update(new AdamW(), new UpdateStep(step++, 1, 0, (float)Math.Min(1, limit / (norm + 1e-6))));   // torch's clip_grad_norm_
        }
        return After(model, "groups_and_clipping", tensors, 1e-4);
    }

    private static double Step(DenseModel model, EncodedSet set, int step, out double norm)
    {
        var rows = Enumerable.Range(0, set.Rows).ToArray();
        var loss = model.Accumulate(set, rows, new CrossEntropy(), set.Rows, new MicroStep(step, 0)) / set.Rows;
        norm = model.GradientNorm();
        return loss;
    }

    private static string? After(DenseModel model, string name, GoldenTensors tensors, double tolerance)
    {
        foreach (var weight in Weights)
        {
            var expected = tensors.Floats($"{name}.mlp.after.{weight}");
            var actual = new float[expected.Length];
            model.ReadWeight(weight, actual);
            if (GoldenOutcome.Compare($"{weight} after 20 steps", expected, actual, tolerance) is { } failure) return failure;
        }
        return null;
    }

    private static EncodedSet Set(GoldenTensors tensors)
    {
        var x = tensors.Floats("mlp.x");
        return new EncodedSet(x.Length / 4, [new FloatInput("x", 4, x)], Targets.Classes(tensors.Integers("mlp.y")));
    }

    private static DenseModel Compile(GoldenTensors tensors, float logitScale, IReadOnlyList<TrainableWeight> trainable)
    {
        var builder = new GraphBuilder("mlp");
        var x = builder.Input("x", DataType.Float, new Shape("B", 4));
        foreach (var weight in Weights) builder.Weight(weight, Tensor.Of(tensors.Floats("mlp.init." + weight), tensors.Shape("mlp.init." + weight)));
        var logits = builder.Linear(builder.Tanh(builder.Linear(x, "0")), "2");
        if (logitScale != 1) logits = builder.Node("Mul", [logits, builder.Constant("scale", Tensor.Of([logitScale]))]);
        builder.Output(logits, "logits", DataType.Float, new Shape("B", 3));
        return DenseCompiler.Compile(builder.Build(), new CompileOptions { Trainable = trainable, MaxRows = 16 });
    }
}
