using System.Globalization;
using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Models.Text;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Golden;

/// <summary>
/// Text networks of models/: logits and hidden states through ONNX Runtime on the exported file, and on libtorch losses, gradients and the AdamW trajectory. Half-precision
/// folders, old names and sentence-transformers folders are told by what their expectations hold. Pending where a family has no builder yet.
/// </summary>
public static class TextGolden
{
    private const double Tolerance = 1e-5;

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var root = Path.Combine(goldenFolder, "models");
        if (!Directory.Exists(root)) yield break;
        foreach (var folder in Directory.GetDirectories(root).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, "expected.json");
            if (!File.Exists(path)) continue;
            var name = $"models/{Path.GetFileName(folder)}";
            if (!File.Exists(Path.Combine(folder, "config.json")))
            {
                foreach (var outcome in Rotations(name, path)) yield return outcome;
                continue;
            }
            if (TextConfig.ModelTypeOf(folder) is not { } type || type == "vit") continue;
            if (!TextCatalog.Names.Contains(type))
            {
                yield return new GoldenOutcome(name, "pending", $"no builder for {type} yet");
                continue;
            }
            var expected = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
            var tensors = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
            if (expected.TryGetProperty("keys_unused_by_sequence_classifier", out _)) yield return GoldenOutcome.Of(name, () => Legacy(folder, expected, tensors));
            else if (File.Exists(Path.Combine(folder, "modules.json"))) 
            {
                yield return GoldenOutcome.Of(name, () => Sentences(folder, tensors));
                if (expected.TryGetProperty("trajectory", out _)) yield return GoldenOutcome.Of($"{name}: training", () => Contrastive(folder, expected, tensors));
            }
            else
            {
                yield return GoldenOutcome.Of(name, () => Forward(folder, expected, tensors));
                if (tensors.Has("left.input_ids")) yield return GoldenOutcome.Of($"{name}: padded left", () => PaddedLeft(folder, expected, tensors));
                if (expected.TryGetProperty("gradients", out _)) yield return GoldenOutcome.Of($"{name}: training", () => Training(folder, expected, tensors));
            }
        }
    }

    internal static TextModel Load(string folder, JsonElement expected, bool selects = false, bool takesPositions = false)
    {
        var architecture = expected.TryGetProperty("architecture", out var a) ? a.GetString() : TextConfig.Read(Path.Combine(folder, "config.json")).Architecture;
        var head = HeadOf(architecture!);
        var isPerToken = head is TextHead.TokenClassification or TextHead.MaskedLanguageModel or TextHead.CausalLanguageModel;
        return TextModel.Load(folder, new TextLoadOptions { Head = head, Dropout = 0, SelectsTokens = selects && isPerToken, TakesPositions = takesPositions });
    }

    /// <summary>Frequencies of rotary positions, case by case.</summary>
    private static IEnumerable<GoldenOutcome> Rotations(string name, string path)
    {
        var root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        if (!root.TryGetProperty("cases", out var cases) || cases.ValueKind != JsonValueKind.Array) yield break;
        var i = 0;
        foreach (var entry in cases.EnumerateArray().Where(c => c.TryGetProperty("inv_freq", out _))) yield return GoldenOutcome.Of(string.Create(CultureInfo.InvariantCulture, $"{name}: {i++}"), () => Rotation(entry));
    }

    private static string? Rotation(JsonElement c)
    {
        var positions = c.GetProperty("max_position_embeddings").GetInt32();
        var length = c.GetProperty("seq_len").ValueKind == JsonValueKind.Number ? c.GetProperty("seq_len").GetInt32() : positions;
        var (angles, magnitude) = RotaryScaling.Read(c.GetProperty("rope_scaling"), positions).Frequencies(c.GetProperty("head_dim").GetInt32(), c.GetProperty("rope_theta").GetDouble(), positions, length);
        float[] expected = [.. c.GetProperty("inv_freq").EnumerateArray().Select(v => v.GetSingle())];
        for (var i = 0; i < expected.Length; i++)
        {
            if (GoldenOutcome.Compare($"inv_freq {i}", expected[i], angles[i], 1e-6) is { } failure) return failure;
        }
        return expected.Length != angles.Length ? $"{angles.Length} frequencies, expected {expected.Length}" : GoldenOutcome.Compare("attention_factor", c.GetProperty("attention_factor").GetDouble(), magnitude, 1e-9);
    }

    /// <summary>Positions from the mask and from 0 on; what greedy generation chose, token by token.</summary>
    private static string? PaddedLeft(string folder, JsonElement expected, GoldenTensors tensors)
    {
        var (model, counting) = (Load(folder, expected, takesPositions: true), Load(folder, expected));
        var (ids, mask, positions) = (Longs(tensors, "left.input_ids"), Longs(tensors, "left.attention_mask"), Longs(tensors, "left.position_ids"));
        var shown = tensors.Integers("left.attention_mask");
        var failure = Compare("left.logits_with_position_ids", tensors, InOnnxRuntime(model, [(TextModel.InputIds, ids), (TextModel.AttentionMask, mask), (TextModel.PositionIds, positions)])[TextModel.Logits], shown)
            ?? Compare("left.logits_default_positions", tensors, InOnnxRuntime(counting, [(TextModel.InputIds, ids), (TextModel.AttentionMask, mask)])[TextModel.Logits], shown);
        if (failure is not null || !tensors.Has("left.greedy")) return failure;
        var (rows, prompt, width) = ((int)ids.Sizes[0], (int)ids.Sizes[1], (int)tensors.Shape("left.greedy")[1]);
        var greedy = tensors.Integers("left.greedy");
        long[] seen = [.. Enumerable.Range(0, rows * width).Select(i => i % width < prompt ? shown[i / width * prompt + i % width] : 1L)];
        long[] places = [.. Enumerable.Range(0, rows * width).Select(i => Math.Max(0, seen.AsSpan(i / width * width, i % width + 1).ToArray().Sum() - 1))];
        long[] sizes = [rows, width];
        var logits = InOnnxRuntime(model, [(TextModel.InputIds, Longs(tensors, "left.greedy")), (TextModel.AttentionMask, Tensor.Of(seen, sizes)), (TextModel.PositionIds, Tensor.Of(places, sizes))])[TextModel.Logits].Data.Span<float>();
        for (var row = 0; row < rows; row++)
        {
            for (var t = prompt - 1; t + 1 < width && (t < prompt || greedy[row * width + t] != 2); t++)   // 2 ends a text; padding follows
            {
                var scores = logits.Slice((row * width + t) * model.Outputs, model.Outputs);
                var best = 0;
                for (var k = 1; k < scores.Length; k++) best = scores[k] > scores[best] ? k : best;
                if (best != greedy[row * width + t + 1]) return $"left.greedy, row {row}: {best} follows place {t}, expected {greedy[row * width + t + 1]}";
            }
        }
        return null;
    }

    private static TextHead HeadOf(string architecture) => architecture switch
    {
        _ when architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal) => TextHead.SequenceClassification,
        _ when architecture.EndsWith("ForTokenClassification", StringComparison.Ordinal) => TextHead.TokenClassification,
        _ when architecture.EndsWith("ForQuestionAnswering", StringComparison.Ordinal) => TextHead.QuestionAnswering,
        _ when architecture.EndsWith("ForMaskedLM", StringComparison.Ordinal) => TextHead.MaskedLanguageModel,
        _ when architecture.EndsWith("ForCausalLM", StringComparison.Ordinal) || architecture.EndsWith("LMHeadModel", StringComparison.Ordinal) => TextHead.CausalLanguageModel,
        _ when architecture.EndsWith("Model", StringComparison.Ordinal) => TextHead.None,
        _ => throw new NotImplementedException($"no head for {architecture} yet"),
    };

    private static string? Forward(string folder, JsonElement expected, GoldenTensors tensors)
    {
        var model = Load(folder, expected);
        if (model.Fresh.Count > 0) return $"starts afresh: {NearestName.Preview(model.Fresh)}";
        if (model.Unexpected.Count > 0) return $"unexpected: {NearestName.Preview(model.Unexpected)}";
        var parameters = model.Graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count);
        if (expected.TryGetProperty("parameters", out var count) && parameters != count.GetInt64()) return $"{parameters} parameters, expected {count}";
        foreach (var batch in Batches(tensors))
        {
            var actual = InOnnxRuntime(model, tensors, batch);
            var mask = tensors.Integers($"{batch}.attention_mask");
            var logits = tensors.Has($"{batch}.logits_fp32") ? $"{batch}.logits_fp32" : $"{batch}.logits";
            if (tensors.Has(logits) && Compare(logits, tensors, actual[TextModel.Logits], mask) is { } failure) return failure;
            if (tensors.Has($"{batch}.logits_native") && GoldenOutcome.Compare($"{batch}.logits_native", tensors.Floats($"{batch}.logits_native"), actual[TextModel.Logits].Data.Span<float>(), 5e-2) is { } native) return native;
            for (var i = 0; i < model.HiddenStates.Count; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{batch}.hidden_states.{i}");
                if (tensors.Has(name) && Compare(name, tensors, actual[model.HiddenStates[i]], mask) is { } off) return off;
            }
        }
        return null;
    }

    private static string? Legacy(string folder, JsonElement expected, GoldenTensors tensors)
    {
        var classifier = TextModel.Load(folder, new TextLoadOptions { Head = TextHead.SequenceClassification });
        string[] Names(string key) => [.. expected.GetProperty(key).EnumerateArray().Select(k => k.GetString()!.Replace(".gamma", ".weight", StringComparison.Ordinal).Replace(".beta", ".bias", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (!classifier.Unexpected.Order(StringComparer.Ordinal).SequenceEqual(Names("keys_unused_by_sequence_classifier"))) return $"unexpected: {NearestName.Preview(classifier.Unexpected)}";
        if (!classifier.Fresh.Order(StringComparer.Ordinal).SequenceEqual(Names("keys_missing_for_sequence_classifier"))) return $"fresh: {NearestName.Preview(classifier.Fresh)}";
        var mask = tensors.Integers("batch0.attention_mask");
        var encoder = InOnnxRuntime(TextModel.Load(folder), tensors, "batch0");
        var words = InOnnxRuntime(TextModel.Load(folder, new TextLoadOptions { Head = TextHead.MaskedLanguageModel }), tensors, "batch0");
        return Compare("batch0.last_hidden_state", tensors, encoder[TextModel.LastHiddenState], mask)
            ?? Compare("batch0.pooler_output", tensors, encoder[TextModel.PoolerOutput], mask)
            ?? Compare("batch0.mlm_logits", tensors, words[TextModel.Logits], mask);
    }

    private static string? Sentences(string folder, GoldenTensors tensors)
    {
        foreach (var (name, mode) in new[] { ("cls", PoolingMode.Cls), ("lasttoken", PoolingMode.LastToken), ("max", PoolingMode.Max), ("mean", PoolingMode.Mean), ("mean_sqrt_len_tokens", PoolingMode.MeanSquareRoot), ("weightedmean", PoolingMode.WeightedMean) })
        {
            foreach (var (suffix, normalize) in new[] { ("", false), (".normalised", true) })
            {
                var model = TextModel.Load(folder, new TextLoadOptions { Head = TextHead.Embedding, Pooling = [mode], Normalize = normalize });
                foreach (var batch in Batches(tensors).Where(b => tensors.Has($"{b}.embedding.{name}{suffix}")))
                {
                    var actual = InOnnxRuntime(model, tensors, batch);
                    var failure = Compare($"{batch}.embedding.{name}{suffix}", tensors, actual[TextModel.SentenceEmbedding], []) ?? Compare($"{batch}.last_hidden_state", tensors, actual[TextModel.LastHiddenState], tensors.Integers($"{batch}.attention_mask"));
                    if (failure is not null) return failure;
                }
            }
        }
        var own = InOnnxRuntime(TextModel.Load(folder, new TextLoadOptions { Head = TextHead.Embedding }), tensors, "batch0");
        return Compare("batch0.embedding.mean.normalised", tensors, own[TextModel.SentenceEmbedding], []);
    }

    // An anchor and its positive are the two sequences of a row.
    private static string? Contrastive(string folder, JsonElement expected, GoldenTensors tensors)
    {
        var model = TextModel.Load(folder, new TextLoadOptions { Head = TextHead.Embedding, Dropout = 0 });
        var (ids, starts) = (new List<int>(), new List<long> { 0 });
        var rows = (int)tensors.Shape("train.anchor.input_ids")[0];
        for (var row = 0; row < rows; row++)
        {
            foreach (var part in (string[])["train.anchor", "train.positive"])
            {
                var width = (int)tensors.Shape($"{part}.input_ids")[1];
                var length = tensors.Integers($"{part}.attention_mask").AsSpan(row * width, width).LastIndexOf(1) + 1;
                ids.AddRange(tensors.Integers($"{part}.input_ids").AsSpan(row * width, length));
                starts.Add(ids.Count);
            }
        }
        var source = new TokenSequences(2, [.. ids], null, [.. starts], new TokenPadding(0, 512, 1));
        List<EncodedInput> inputs = [new TokenInput(TextModel.InputIds, TokenField.Ids, source), new TokenInput(TextModel.AttentionMask, TokenField.Mask, source)];
        if (model.Graph.Inputs.Any(i => i.Name == TextModel.TokenTypeIds)) inputs.Add(new TokenInput(TextModel.TokenTypeIds, TokenField.Types, source));
        var set = new EncodedSet(rows, inputs, Targets.Classes(new int[2 * rows]), [.. Enumerable.Range(0, rows + 1).Select(i => 2 * i)]);
        var loss = LossCatalog.Create("multiple-negatives-ranking", new LossOptions { Scale = 20 });
        return new GoldenTraining(model.Graph, TextModel.SentenceEmbedding, loss).Trajectory(expected, tensors, new Dictionary<string, EncodedSet> { ["batch0"] = set });
    }

    private static string? Training(string folder, JsonElement expected, GoldenTensors tensors)
    {
        var network = Load(folder, expected, selects: true);
        var (graph, output, loss) = (network.Graph, TextModel.Logits, Objective(network));
        var sets = Batches(tensors).Where(b => tensors.Has($"{b}.labels")).ToDictionary(b => b, b => Set(network, tensors, b));
        var training = new GoldenTraining(graph, output, loss);
        using (var model = training.Compile(0, []))
        {
            foreach (var (batch, set) in sets)
            {
                var count = training.Count(set);
                var value = model.Accumulate(set, GoldenTraining.Rows(set), loss, count, new MicroStep(0, 0, TrainingMode.Deterministic)) / count;
                if (GoldenOutcome.Compare($"{batch}.loss", expected.GetProperty("forward").GetProperty(batch).GetProperty("loss").GetDouble(), value, Tolerance) is { } off) return off;
                if (expected.TryGetProperty("loss_num_items_in_batch", out var given) && given.GetProperty("batch").GetString() == batch
                    && GoldenOutcome.Compare("loss_num_items_in_batch", given.GetProperty("loss").GetDouble(), value * count / given.GetProperty("num_items").GetInt32(), Tolerance) is { } other) return other;
                if (batch == expected.GetProperty("gradients").GetProperty("batch").GetString() && GoldenTraining.Gradients(model, expected, tensors) is { } wrong) return wrong;
                model.ClearGradients();
            }
        }
        return expected.TryGetProperty("trajectory", out _) ? new GoldenTraining(Load(folder, expected, selects: true).Graph, output, loss).Trajectory(expected, tensors, sets) : null;
    }

    internal static Loss Objective(TextModel model)
    {
        var name = model.Config.ProblemType switch { "regression" => "mse", "multi_label_classification" => "binary-cross-entropy", _ => model.Head == TextHead.SequenceClassification && model.Outputs == 1 ? "mse" : "cross-entropy" };
        return LossCatalog.Create(name, new LossOptions());
    }

    /// <summary>A batch with one row of numbers for each text, or for each token with a label.</summary>
    internal static EncodedSet Set(TextModel model, GoldenTensors tensors, string batch)
    {
        var graph = model.Graph;
        var shape = tensors.Shape($"{batch}.input_ids");
        var (rows, width) = ((int)shape[0], (int)shape[1]);
        var (allIds, mask) = (tensors.Integers($"{batch}.input_ids"), tensors.Integers($"{batch}.attention_mask"));
        var allTypes = tensors.Has($"{batch}.token_type_ids") ? tensors.Integers($"{batch}.token_type_ids") : new int[allIds.Length];
        int[]? labels = tensors.IsInteger($"{batch}.labels") ? tensors.Integers($"{batch}.labels") : null;
        var perToken = graph.Inputs.Any(i => i.Name == TextModel.Selected);
        var isCausal = model.Head == TextHead.CausalLanguageModel;
        var (ids, types, starts) = (new List<int>(), new List<byte>(), new List<long> { 0 });
        var isLeft = Enumerable.Range(0, rows).Any(r => mask[r * width] == 0);                     // then padding counts as tokens that the mask hides
        var (places, placeStarts, chosen) = (new List<int>(), new List<int> { 0 }, new List<int>());
        for (var row = 0; row < rows; row++)
        {
            var length = isLeft ? width : mask.AsSpan(row * width, width).LastIndexOf(1) + 1;
            for (var t = 0; t < length; t++)
            {
                ids.Add(allIds[row * width + t]);
                types.Add((byte)allTypes[row * width + t]);
                if (!perToken) continue;
                var at = isCausal ? t + 1 : t;                                                      // a causal model's label is the next token's
                if (at >= width || labels![row * width + at] == -100) continue;
                places.Add(t);
                chosen.Add(labels[row * width + at]);
            }
            starts.Add(ids.Count);
            placeStarts.Add(places.Count);
        }
        var source = new TokenSequences(1, [.. ids], [.. types], [.. starts], new TokenPadding(0, width, 1), perToken ? [.. places] : null, perToken ? [.. placeStarts] : null);
        EncodedInput seen = isLeft ? new IndexInput(TextModel.AttentionMask, width, mask) : new TokenInput(TextModel.AttentionMask, TokenField.Mask, source);
        List<EncodedInput> inputs = [new TokenInput(TextModel.InputIds, TokenField.Ids, source), seen];
        if (graph.Inputs.Any(i => i.Name == TextModel.TokenTypeIds)) inputs.Add(new TokenInput(TextModel.TokenTypeIds, TokenField.Types, source));
        if (perToken) inputs.Add(new TokenInput(TextModel.Selected, TokenField.Selected, source));
        var targets = perToken ? Targets.Classes([.. chosen]) : labels is not null ? Targets.Classes(labels) : Targets.Real(tensors.Floats($"{batch}.labels"), tensors.Floats($"{batch}.labels").Length / rows);
        return new EncodedSet(rows, inputs, targets, perToken ? [.. placeStarts] : null);
    }

    internal static IEnumerable<string> Batches(GoldenTensors tensors) => Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $"batch{i}")).TakeWhile(b => tensors.Has($"{b}.input_ids"));

    // Padded places hold no numbers that mean anything.
    internal static string? Compare(string what, GoldenTensors tensors, Tensor actual, int[] mask)
    {
        var (expected, found) = (tensors.Floats(what), actual.Data.Span<float>().ToArray());
        var shape = tensors.Shape(what);
        if (shape.Length == 3 && shape[0] * shape[1] == mask.Length && found.Length == expected.Length)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                if (mask[i / shape[2]] == 0) (expected[i], found[i]) = (0, 0);
            }
        }
        return GoldenOutcome.Compare(what, expected, found, 0, Tolerance);
    }

    /// <summary>Outputs and hidden states of the exported file.</summary>
    internal static Dictionary<string, Tensor> InOnnxRuntime(TextModel model, GoldenTensors tensors, string batch)
    {
        var ids = Longs(tensors, $"{batch}.input_ids");
        var inputs = new List<(string, Tensor)> { (TextModel.InputIds, ids), (TextModel.AttentionMask, Longs(tensors, $"{batch}.attention_mask")) };
        if (model.Graph.Inputs.Any(i => i.Name == TextModel.TokenTypeIds))
            inputs.Add((TextModel.TokenTypeIds, tensors.Has($"{batch}.token_type_ids") ? Longs(tensors, $"{batch}.token_type_ids") : Tensor.Of(new long[ids.Count], [.. ids.Sizes])));
        return InOnnxRuntime(model, inputs);
    }

    private static Dictionary<string, Tensor> InOnnxRuntime(TextModel model, IReadOnlyList<(string, Tensor)> inputs)
    {
        var g = new GraphBuilder(model.Graph);
        foreach (var output in model.Graph.Outputs) g.Output(new Value(output.Name), output.Name, output.Type, output.Shape!);
        for (var i = 0; i < model.HiddenStates.Count; i++) g.Output(new Value(model.HiddenStates[i]), string.Create(CultureInfo.InvariantCulture, $"hidden_states.{i}"), DataType.Float, new Shape("B", "T", model.Config.Shape.Width));
        using var scratch = TestData.NewFolder();
        var path = scratch.File("model.onnx");
        OnnxWriter.Write(g.Build(), path);
        var results = OnnxRuntimeCheck.Run(path, inputs);
        for (var i = 0; i < model.HiddenStates.Count; i++) results[model.HiddenStates[i]] = results[string.Create(CultureInfo.InvariantCulture, $"hidden_states.{i}")];
        return results;
    }

    private static Tensor Longs(GoldenTensors tensors, string name) => Tensor.Of([.. tensors.Integers(name).Select(v => (long)v)], tensors.Shape(name));
}
