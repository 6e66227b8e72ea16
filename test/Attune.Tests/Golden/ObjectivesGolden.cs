using System.Text.Json;
using Attune.Losses;

namespace Attune.Tests.Golden;

/// <summary>Cases of objectives/losses.json: value and every gradient, both to 1e-5 relative.</summary>
public static class ObjectivesGolden
{
    // What only explains a case.
    private static readonly string[] Explanations = ["reduction", "ignore_index", "definition", "contrast_mode", "candidates"];

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var path = Path.Combine(goldenFolder, "objectives", "losses.json");
        if (!File.Exists(path)) yield break;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var tensors = new GoldenTensors(Path.Combine(goldenFolder, "objectives", document.RootElement.GetProperty("tensors").GetString()!));
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
            yield return GoldenOutcome.Of("objectives/" + golden.GetProperty("name").GetString(), () => new Case(golden, tensors).Check());
    }

    /// <summary>One case: its loss from the reference's name and the settings, its inputs as rows of outputs.</summary>
    private sealed class Case(JsonElement golden, GoldenTensors tensors)
    {
        private readonly HashSet<string> _read = [.. Explanations];
        private readonly Dictionary<string, string> _inputs = golden.GetProperty("inputs").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
        private readonly JsonElement _settings = golden.GetProperty("settings");
        private readonly string _reference = golden.GetProperty("reference").GetString()!;
        private readonly string _name = golden.GetProperty("name").GetString()!;

        public string? Check() => _reference switch
        {
            _ when _name.StartsWith("l2_sp", StringComparison.Ordinal) => Pull(),
            _ when _name.StartsWith("rdrop", StringComparison.Ordinal) => Embeddings(["logits1", "logits2"], Known(new RDrop(new CrossEntropy(), OutputKind.Softmax, Number("alpha")!.Value))),
            _ when _reference.Contains("trl", StringComparison.Ordinal) => throw new NotImplementedException("no loss over preferences"),
            _ when _reference.Contains("LabelSmoother", StringComparison.Ordinal) => Tokens(Known(new CrossEntropy(Number("epsilon") ?? 0)), "logits"),
            _ when _reference.Contains("ForCausalLMLoss", StringComparison.Ordinal) => Tokens(Known(new CrossEntropy()), "logits", Number("num_items_in_batch")),
            _ when _reference.Contains("kl_div", StringComparison.Ordinal) => Distilled(),
            _ when _reference.Contains("MultipleNegatives", StringComparison.Ordinal) => Embeddings([.. _inputs.Keys], Known(Create("multiple-negatives-ranking", new()
            {
                Scale = Number("scale"),
                Similarity = Text("similarity") == "dot" ? Similarity.Dot : Similarity.Cosine,
                HardNegatives = _inputs.Count - 2,
                Symmetric = _reference.Contains("Symmetric", StringComparison.Ordinal),
            }))),
            _ when _reference.Contains("CosineSimilarityLoss", StringComparison.Ordinal) => Embeddings(["a", "b"], Known(Create("cosine-similarity")), "score"),
            _ when _reference.Contains("CoSENTLoss", StringComparison.Ordinal) => Embeddings(["a", "b"], Known(Create("cosent", new() { Scale = Number("scale") })), "score"),
            _ when _reference.Contains("ContrastiveLoss", StringComparison.Ordinal) => Embeddings(["a", "b"], Known(Create("contrastive", new() { Margin = Number("margin") }), "distance"), "label"),
            _ when _reference.Contains("BatchHardTripletLoss", StringComparison.Ordinal) => Embeddings(["embedding"], Known(Create("batch-hard-triplet", new() { Margin = Number("margin") }), "distance"), "label"),
            _ when _inputs.ContainsKey("anchor") && _inputs.ContainsKey("negative") => Embeddings(["anchor", "positive", "negative"], Known(Create("triplet", new()
            {
                Margin = Number("margin"),
                Distance = Text("distance")?.Contains("cosine", StringComparison.Ordinal) == true ? EmbeddingDistance.Cosine : EmbeddingDistance.Euclidean,
                Swap = Flag("swap"),
            }))),
            _ when _reference.Contains("MarginMSELoss", StringComparison.Ordinal) => Embeddings(["query", "positive", "negative"], Known(Create("margin-mse"), "similarity"), "margin"),
            _ when _reference.Contains("SupConLoss", StringComparison.Ordinal) => Contrastive(),
            _ when _inputs.ContainsKey("logits") || _inputs.ContainsKey("pred") => Plain(),
            _ when _name.Contains("hidden", StringComparison.Ordinal) => Plain(Known(Create("feature-distillation")), "student", "teacher"),
            _ => throw new NotImplementedException($"no loss for '{_name}' ({_reference})"),
        };

        // Outputs [R, K] and one target a row, or one an element.
        private string? Plain(Loss? given = null, string? outputs = null, string target = "target")
        {
            outputs ??= _inputs.ContainsKey("logits") ? "logits" : "pred";
            var loss = given ?? Known(PlainLoss(), "alpha", "gamma");
            var width = (int)tensors.Shape(_inputs[outputs])[^1];
            var rows = (int)(tensors.Floats(_inputs[outputs]).Length / width);
            var targets = tensors.IsInteger(_inputs[target])
                ? new LossTargets { Labels = tensors.Integers(_inputs[target]), Rows = rows, ValueWidth = 1 }
                : new LossTargets { Values = tensors.Floats(_inputs[target]), Rows = rows, ValueWidth = width };
            return Compare(loss, [outputs], width, targets, IsSum ? 1 : null);
        }

        private Loss PlainLoss()
        {
            var weights = Tensor("weight");
            var name = _name.Split('_')[0];
            var isSigmoid = !tensors.IsInteger(_inputs["target"]);
            return name switch
            {
                _ when _reference.Contains("sigmoid_focal", StringComparison.Ordinal) => Create("focal", new() { FocalGamma = Number("gamma"), FocalAlpha = Number("alpha") is >= 0 and var alpha ? alpha : null }),
                "focal" => Create("focal", new() { FocalGamma = Number("gamma"), ClassWeights = weights }),
                _ when _reference.Contains("AsymmetricLoss", StringComparison.Ordinal) => Create("asymmetric", new() { GammaNegative = Number("gamma_neg"), GammaPositive = Number("gamma_pos"), Clip = Number("clip") }),
                "ce" => Create("cross-entropy", new() { LabelSmoothing = Number("label_smoothing") ?? 0, ClassWeights = weights }),
                "bce" => Create("binary-cross-entropy", new() { LabelSmoothing = Number("label_smoothing") ?? 0, PositiveWeight = Tensor("pos_weight") }),
                "huber" => Create("huber", new() { Delta = Number("delta") }),
                "smooth" => Create("smooth-l1", new() { Delta = Number("beta") }),
                "mae" or "mse" => Create(name),
                _ => throw new NotImplementedException($"no loss for '{_name}', sigmoid {isSigmoid}"),
            };
        }

        // Tokens [B, T, V] whose label is that of the next position.
        private string? Tokens(Loss loss, string outputs, double? count = null)
        {
            var shape = tensors.Shape(_inputs[outputs]);
            return Compare(loss, [outputs], (int)shape[2], new LossTargets { Labels = Next(shape), Rows = (int)(shape[0] * shape[1]), ValueWidth = 1 }, count);
        }

        private int[] Next(long[] shape)
        {
            var given = tensors.Integers(_inputs["labels"]);
            return [.. given.Select((_, i) => (i + 1) % shape[1] == 0 ? CrossEntropy.IgnoreIndex : given[i + 1])];
        }

        private string? Distilled()
        {
            var shape = tensors.Shape(_inputs["student"]);
            var (width, rows) = ((int)shape[^1], (int)(tensors.Floats(_inputs["student"]).Length / shape[^1]));
            int[] labels = _inputs.ContainsKey("labels") ? Next(shape) : _inputs.TryGetValue("target", out var target) ? tensors.Integers(target) : new int[rows];
            var loss = Known(new Distillation(new CrossEntropy(), OutputKind.Softmax, Number("temperature")!.Value, Number("alpha") ?? 0));
            return Compare(loss, ["student"], width, new LossTargets { Labels = labels, Teacher = tensors.Floats(_inputs["teacher"]), Rows = rows, ValueWidth = 1 }, null);
        }

        private string? Contrastive()
        {
            var shape = tensors.Shape(_inputs["features"]);
            var views = (int)shape[1];
            var loss = Known(Create("supervised-contrastive", new() { Temperature = Number("temperature"), BaseTemperature = Number("base_temperature"), Views = views, Normalize = false }));
            int[] labels = _inputs.TryGetValue("labels", out var given) ? [.. tensors.Integers(given).SelectMany(l => Enumerable.Repeat(l, views))] : [];
            return Compare(loss, ["features"], (int)shape[2], new LossTargets { Labels = labels, Rows = (int)shape[0] * views, ValueWidth = 1 }, null);
        }

        // One tensor [E, D] per member of an example.
        private string? Embeddings(string[] members, Loss loss, string? target = null)
        {
            var shape = tensors.Shape(_inputs[members[0]]);
            var rows = (int)shape[0] * members.Length;
            target ??= _inputs.ContainsKey("target") ? "target" : null;
            var isLabel = target is not null && loss is BatchHardTriplet or RDrop;
            return Compare(loss, members, (int)shape[1], new LossTargets
            {
                Labels = isLabel ? [.. Each(tensors.Integers(_inputs[target!]))] : [],
                Values = target is null || isLabel ? [] : [.. Each(tensors.IsInteger(_inputs[target]) ? [.. tensors.Integers(_inputs[target]).Select(v => (float)v)] : tensors.Floats(_inputs[target]))],
                Rows = rows,
                ValueWidth = 1,
            }, null);

            IEnumerable<T> Each<T>(T[] values) => values.SelectMany(v => Enumerable.Repeat(v, members.Length));
        }

        private string? Compare(Loss loss, string[] members, int width, in LossTargets targets, double? givenCount)
        {
            var outputs = new float[targets.Rows * width];
            for (var m = 0; m < members.Length; m++)
            {
                var values = tensors.Floats(_inputs[members[m]]);
                for (var i = 0; i < values.Length; i++) outputs[(i / width * members.Length + m) * width + i % width] = values[i];
            }
            var count = givenCount ?? loss.Count(targets);
            var gradient = new float[outputs.Length];
            var value = loss.Sum(outputs, width, targets, gradient, (float)(1 / count)) / count;
            var failure = GoldenOutcome.Compare("loss", golden.GetProperty("loss").GetDouble(), value, 1e-5);
            foreach (var expected in golden.GetProperty("gradients").EnumerateObject())
            {
                var m = Array.IndexOf(members, expected.Name);
                var own = new float[outputs.Length / members.Length];
                for (var i = 0; i < own.Length; i++) own[i] = gradient[(i / width * members.Length + m) * width + i % width];
                failure ??= GoldenOutcome.Compare("gradient of " + expected.Name, tensors.Floats(expected.Value.GetString()!), own, 0, 1e-5);
            }
            return failure;
        }

        private string? Pull()
        {
            double alpha = Number("alpha")!.Value, beta = Number("beta")!.Value, value = 0;
            Known(new CrossEntropy());
            string? failure = null;
            foreach (var (name, tensor) in _inputs.Where(i => !i.Key.EndsWith("_0", StringComparison.Ordinal)))
            {
                var (weights, start) = (tensors.Floats(tensor), Tensor(name + "_0") ?? []);
                var strength = start.Length > 0 ? alpha : beta;
                var gradient = new float[weights.Length];
                value += L2Sp.Value(weights, start, strength);
                L2Sp.AddGradient(weights, start, (float)strength, gradient);
                failure ??= GoldenOutcome.Compare("gradient of " + name, tensors.Floats(golden.GetProperty("gradients").GetProperty(name).GetString()!), gradient, 0, 1e-5);
            }
            return failure ?? GoldenOutcome.Compare("loss", golden.GetProperty("loss").GetDouble(), value, 1e-5);
        }

        private static Loss Create(string name, LossOptions? options = null) => LossCatalog.Create(name, options);

        // A case whose settings this runner does not understand is pending, not passed by chance.
        private Loss Known(Loss loss, params string[] explained)
        {
            var strange = _settings.EnumerateObject().Where(s => !_read.Contains(s.Name) && !explained.Contains(s.Name)).Select(s => s.Name).ToList();
            return strange.Count == 0 ? loss : throw new NotImplementedException($"no loss with the setting '{strange[0]}'");
        }

        private bool IsSum => _settings.TryGetProperty("reduction", out var reduction) && reduction.GetString() == "sum";

        private double? Number(string key)
        {
            _read.Add(key);
            return _settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        }

        private bool? Flag(string key)
        {
            _read.Add(key);
            return _settings.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
        }

        private string? Text(string key)
        {
            _read.Add(key);
            return _settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }

        private float[]? Tensor(string key) => _inputs.TryGetValue(key, out var tensor) ? tensors.Floats(tensor) : null;
    }
}
