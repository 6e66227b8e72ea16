using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Optimizers;
using Attune.Options;
using Attune.Tests.Graphs;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Methods;

/// <summary>Learned tokens and learned keys and values compute what tokens would: a prompt of words' own vectors is the same as the words.</summary>
public sealed class VirtualTokenTests : IDisposable
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();
    private static readonly long[] Front = [7, 3, 11], First = [2, 9, 14, 5, 8], Second = [2, 6, 3];   // Second is padded
    private readonly TemporaryFolder _folder = TestFiles.Folder();
    private int _files;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert", TextHead.SequenceClassification)]
    [InlineData("bert", TextHead.TokenClassification)]
    [InlineData("bert", TextHead.QuestionAnswering)]
    [InlineData("roberta", TextHead.SequenceClassification)]
    [InlineData("roberta", TextHead.TokenClassification)]
    [InlineData("electra", TextHead.SequenceClassification)]
    [InlineData("distilbert", TextHead.SequenceClassification)]
    [InlineData("albert", TextHead.TokenClassification)]
    [InlineData("mpnet", TextHead.SequenceClassification)]
    [InlineData("deberta-v2", TextHead.TokenClassification)]
    [InlineData("modernbert", TextHead.SequenceClassification)]
    [InlineData("modernbert", TextHead.TokenClassification)]
    [InlineData("gpt2", TextHead.SequenceClassification)]
    [InlineData("llama", TextHead.SequenceClassification)]
    public void A_prompt_of_words_is_the_words(string family, TextHead head)
    {
        var model = Model(family, head, layers: 2);
        var table = model.Graph.Weights[new PromptRewrite(model.Graph).Table.Name].Value;
        var width = (int)table.Sizes[1];
        var rows = Front.SelectMany(id => table.Data.Span<float>((int)id * width, width).ToArray()).ToArray();
        var adapted = Adapter("PROMPT_TUNING", Tensor.Of(rows, 3, width)).Attach(model.Graph).Graph;
        Same(model, adapted, (texts, _) => [.. texts.Select(t => (long[])[.. Front, .. t])]);
    }

    [Theory]
    [InlineData("bert", TextHead.SequenceClassification)]
    [InlineData("bert", TextHead.TokenClassification)]
    [InlineData("roberta", TextHead.TokenClassification)]
    [InlineData("electra", TextHead.TokenClassification)]
    [InlineData("distilbert", TextHead.TokenClassification)]
    [InlineData("albert", TextHead.TokenClassification)]
    public void A_prefix_of_words_keys_and_values_is_the_words_below_one_layer(string family, TextHead head)
    {
        // In one layer, keys and values of words do not depend on the words around them.
        var model = Model(family, head, layers: 1);
        var layer = model.Graph.Nodes.Single(n => n.Operator == "Attention");
        var probe = model.Graph with { Outputs = [.. layer.Inputs.Skip(1).Take(2).Select(i => new ValueInfo(i, DataType.Float, new Shape("B", "N", "T", "d")))] };
        var alone = Run(probe, [Front]);
        var heads = (int)alone[layer.Inputs[1]].Sizes[1];
        var width = (int)alone[layer.Inputs[1]].Sizes[3];
        var prefix = new float[3 * 2 * heads * width];
        for (var part = 0; part < 2; part++)
        {
            var from = alone[layer.Inputs[1 + part]].Data.Span<float>();
            for (var n = 0; n < heads; n++)
            {
                for (var i = 0; i < 3; i++) from.Slice((n * 3 + i) * width, width).CopyTo(prefix.AsSpan(((i * 2 + part) * heads + n) * width));
            }
        }
        var adapted = Adapter("PREFIX_TUNING", Tensor.Of(prefix, 3, 2L * heads * width)).Attach(model.Graph).Graph;
        // The first token of a classifier is the text's own here, as in PEFT.
        if (head == TextHead.TokenClassification) Same(model, adapted, (texts, _) => [.. texts.Select(t => (long[])[.. Front, .. t])]);
        else Assert.True(Difference(Run(model.Graph, [First, Second])[TextModel.Logits], Run(adapted, [First, Second])[TextModel.Logits]) > 1e-3);
    }

    [Theory]
    [InlineData("prompt-tuning", "bert")]
    [InlineData("prompt-tuning", "modernbert")]
    [InlineData("prefix-tuning", "bert")]
    [InlineData("prefix-tuning", "mpnet")]
    [InlineData("prefix-tuning", "deberta-v2")]
    [InlineData("prefix-tuning", "modernbert")]
    public void Rows_do_not_depend_on_padding_and_only_the_tokens_and_the_head_train(string method, string family)
    {
        var model = Model(family, TextHead.SequenceClassification, layers: 2);
        var plan = Plan(model, method);
        var single = model.Graph with { Outputs = [model.Graph.Outputs[0]] };
        Assert.Equal(MethodPlan.For(single, new MethodOptions { Name = "head" }, 0, 0, None).Trainable.Select(t => t.Name).Append("prompt_embeddings"), plan.Trainable.Select(t => t.Name));
        Assert.Empty(GraphValidator.Validate(plan.Adapted));
        var both = Run(plan.Adapted, [First, Second])[TextModel.Logits].Data.Span<float>().ToArray();
        var alone = Run(plan.Adapted, [Second])[TextModel.Logits].Data.Span<float>().ToArray();
        for (var i = 0; i < alone.Length; i++) Assert.Equal(alone[i], both[alone.Length + i], 1e-5);
        Assert.False(plan.Merges);
        Assert.Same(plan.Adapted, plan.Merge(plan.Adapted));
    }

    [Theory]
    [InlineData("bottleneck")]
    [InlineData("prompt-tuning")]
    [InlineData("prefix-tuning")]
    public void Training_lowers_the_loss_and_moves_nothing_of_the_base(string method)
    {
        var model = Model("bert", TextHead.SequenceClassification, layers: 2);
        var plan = MethodPlan.For(model.Graph with { Outputs = [model.Graph.Outputs[0]] }, new MethodOptions { Name = method, Freeze = ["classifier.*"], VirtualTokens = 3 }, 0, 0, None, 5);
        Assert.Equal(plan.Added.Order(StringComparer.Ordinal), plan.Trainable.Select(t => t.Name).Order(StringComparer.Ordinal));
        var (before, rows) = (plan.Adapted.Weights.DeepCopy(), Enumerable.Range(0, 12).ToArray());
        var sequences = new TokenSequences(1, [.. Enumerable.Range(0, 60).Select(i => 2 + i * 7 % 18)], null, [.. Enumerable.Range(0, 13).Select(i => 5L * i)], new TokenPadding(0, 20));
        var set = new EncodedSet(12, [new TokenInput(TextModel.InputIds, TokenField.Ids, sequences), new TokenInput(TextModel.AttentionMask, TokenField.Mask, sequences), new TokenInput(TextModel.TokenTypeIds, TokenField.Types, sequences)], Targets.Classes([.. rows.Select(i => i % 3)]));
        using var engine = ModelEngine.Compile(plan.Adapted, new CompileOptions { Trainable = plan.Trainable, MaxRows = 12 });
        double first = 0, last = 0;
        for (var step = 0; step < 60; step++)
        {
            last = engine.Accumulate(set, rows, new CrossEntropy(), 12, new MicroStep(step, 0));
            if (step == 0) first = last;
            engine.Update(new AdamW(), new UpdateStep(step, 0.03, 0, 1));
        }
        engine.SaveWeights();
        Assert.True(last < 0.8 * first, $"{first} → {last}");
        Assert.All(before.All.Where(w => w.Role == WeightRole.Parameter), w => Assert.Equal(!plan.Added.Contains(w.Name), w.Value.Data.Span<byte>().SequenceEqual(plan.Adapted.Weights[w.Name].Value.Data.Span<byte>())));
    }

    [Theory]
    [InlineData("prompt-tuning", "PROMPT_TUNING", 3 * 16)]
    [InlineData("prefix-tuning", "PREFIX_TUNING", 3 * 2 * 2 * 16)]
    public void Files_have_PEFTs_names_and_give_the_same_again(string method, string type, int count)
    {
        var model = Model("bert", TextHead.SequenceClassification, layers: 2);
        var plan = Plan(model, method);
        PeftAdapter.Of(plan.Peft()!, plan.Adapted, plan.Original, plan.Adapted.Weights, ["classifier.weight", "classifier.bias"], "base", "SEQ_CLS").Write(_folder.Path);
        var names = SafetensorsReader.Read(Path.Combine(_folder.Path, PeftAdapter.WeightsFile)).Weights.All.Select(w => w.Name).Order(StringComparer.Ordinal);
        Assert.Equal(["base_model.classifier.bias", "base_model.classifier.weight", "prompt_embeddings"], names);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, PeftAdapter.ConfigFile)))!;
        Assert.Equal((type, 3, 16, 1, true), (json["peft_type"]!.GetValue<string>(), json["num_virtual_tokens"]!.GetValue<int>(), json["token_dim"]!.GetValue<int>(), json["num_transformer_submodules"]!.GetValue<int>(), json["inference_mode"]!.GetValue<bool>()));
        var read = PeftAdapter.Read(_folder.Path);
        Assert.Equal(count, read.Weights["prompt_embeddings"].Count);
        var again = read.Attach(model.Graph);
        Assert.Equal(0, Difference(Run(plan.Adapted, [First, Second])[TextModel.Logits], Run(again.Graph, [First, Second])[TextModel.Logits]));
        Assert.Contains("prompt_embeddings", again.Trainable);
        var wide = new WeightStore(read.Weights.All);
        wide.Replace(wide["prompt_embeddings"] with { Value = Tensor.Of(new float[4 * 16], 4, 16) });
        Assert.Contains("of another shape: 'prompt_embeddings", Assert.Throws<WeightsException>(() => (read with { Weights = wide }).Attach(model.Graph)).Message, StringComparison.Ordinal);
        wide.Remove("prompt_embeddings");
        Assert.Contains("missing: 'prompt_embeddings'", Assert.Throws<WeightsException>(() => (read with { Weights = wide }).Attach(model.Graph)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_that_have_no_place_for_them_say_so()
    {
        Assert.Contains("reads none", Fails("prompt-tuning", TuningGraphs.Encoder()), StringComparison.Ordinal);
        Assert.Contains("no attention layer", Fails("prefix-tuning", TuningGraphs.Encoder()), StringComparison.Ordinal);
        Assert.Contains("built for encoders", Fails("prefix-tuning", Model("llama", TextHead.SequenceClassification, 1).Graph), StringComparison.Ordinal);
        var prompted = Plan(Model("bert", TextHead.SequenceClassification, 1), "prompt-tuning").Adapted;
        Assert.Contains("learned tokens (prompt-tuning) already", Fails("prefix-tuning", prompted), StringComparison.Ordinal);
        Assert.Contains("has 3 learned tokens already", Fails("prompt-tuning", prompted, 5), StringComparison.Ordinal);

        static string Fails(string method, Graph graph, int tokens = 3) => Assert.Throws<OptionsException>(() => MethodPlan.For(graph with { Outputs = [graph.Outputs[0]] }, new MethodOptions { Name = method, VirtualTokens = tokens }, 0, 0, None)).Message;
    }

    [Theory]
    [InlineData("num_virtual_tokens", "0")]
    [InlineData("num_virtual_tokens", "2.5")]
    [InlineData("num_transformer_submodules", "2")]
    [InlineData("some_new_trick", "0.5")]
    public void A_configuration_that_means_something_else_is_refused_by_name(string field, string value)
    {
        var config = new JsonObject { ["peft_type"] = "PREFIX_TUNING", ["num_virtual_tokens"] = 3, ["prefix_projection"] = true, [field] = JsonNode.Parse(value) };
        Assert.Contains($"'{field}'", Assert.Throws<DataFormatException>(() => PeftConfig.Parse(config.ToJsonString())).Message, StringComparison.Ordinal);
    }

    private static MethodPlan Plan(TextModel model, string method) => MethodPlan.For(model.Graph with { Outputs = [model.Graph.Outputs[0]] }, new MethodOptions { Name = method, VirtualTokens = 3 }, 0.01, 0, None, 5);

    private static PeftAdapter Adapter(string type, Tensor value)
    {
        var weights = new WeightStore();
        weights.Add("prompt_embeddings", value);
        return new PeftAdapter(PeftConfig.Parse($$"""{"peft_type": "{{type}}", "num_virtual_tokens": 3}"""), weights, null);
    }

    private void Same(TextModel model, Graph adapted, Func<long[][], int, long[][]> longer)
    {
        long[][] texts = [First, Second];
        var (expected, actual) = (Run(model.Graph, longer(texts, 3)), Run(adapted, texts));
        foreach (var output in model.Graph.Outputs)
        {
            var (whole, cut) = (expected[output.Name], actual[output.Name]);
            var perToken = whole.Sizes.Count == 3;
            Assert.Equal(perToken ? whole.Sizes[1] - 3 : whole.Sizes[0], cut.Sizes[perToken ? 1 : 0]);
            var width = (int)whole.Sizes[^1];
            for (var row = 0; row < 2; row++)
            {
                for (var t = 0; t < (perToken ? texts[row].Length : 1); t++)
                {
                    var a = whole.Data.Span<float>(perToken ? (row * (texts[0].Length + 3) + 3 + t) * width : row * width, width);
                    var b = cut.Data.Span<float>(perToken ? (row * texts[0].Length + t) * width : row * width, width);
                    for (var i = 0; i < width; i++) Assert.True(Math.Abs(a[i] - b[i]) <= 2e-5, $"{output.Name}[{row}, {t}, {i}]: {a[i]} expected, {b[i]} found");
                }
            }
        }
    }

    private Dictionary<string, Tensor> Run(Graph graph, long[][] texts)
    {
        var path = Path.Combine(_folder.Path, $"graph{_files++}.onnx");
        OnnxWriter.Write(graph, path);
        var (rows, length) = (texts.Length, texts.Max(t => t.Length));
        var (ids, mask, types) = (new long[rows * length], new long[rows * length], new long[rows * length]);
        for (var row = 0; row < rows; row++)
        {
            var isRoberta = graph.Nodes.Any(n => n.Operator == "CumSum");
            for (var t = 0; t < length; t++) (ids[row * length + t], mask[row * length + t]) = t < texts[row].Length ? (texts[row][t], 1) : (isRoberta ? 1 : 0, 0);
        }
        return OnnxRuntimeCheck.Run(path, graph.Inputs.Select(i => (i.Name, Tensor.Of(i.Name == TextModel.InputIds ? ids : i.Name == TextModel.AttentionMask ? mask : types, rows, length))));
    }

    private static double Difference(Tensor a, Tensor b)
    {
        var (x, y) = (a.Data.Span<float>().ToArray(), b.Data.Span<float>().ToArray());
        Assert.Equal(x.Length, y.Length);
        return x.Zip(y, (p, q) => Math.Abs((double)p - q)).Max();
    }

    internal static TextModel Model(string family, TextHead head, int layers)
    {
        var config = new JsonObject { ["model_type"] = family, ["vocab_size"] = 20, ["initializer_range"] = 0.3, ["pad_token_id"] = family is "roberta" or "mpnet" ? 1 : 0 };
        foreach (var (name, value) in family switch
        {
            "distilbert" => [("dim", 16), ("n_layers", layers), ("n_heads", 2), ("hidden_dim", 24), ("max_position_embeddings", 24)],
            "gpt2" => [("n_embd", 16), ("n_layer", layers), ("n_head", 2), ("n_positions", 24)],
            _ => new[] { ("hidden_size", 16), ("num_hidden_layers", layers), ("num_attention_heads", 2), ("intermediate_size", 24), ("max_position_embeddings", 24) },
        }) config[name] = value;
        if (family is "electra" or "albert") config["embedding_size"] = 8;
        if (family == "deberta-v2") (config["relative_attention"], config["position_buckets"], config["pos_att_type"], config["type_vocab_size"]) = (true, 6, new JsonArray("p2c", "c2p"), 0);
        if (family == "modernbert") config["local_attention"] = 4;
        return TextModel.Create(TextConfig.Parse(config.ToJsonString()), new TextLoadOptions { Head = head, Outputs = head == TextHead.QuestionAnswering ? null : 3, Dropout = 0, Seed = 3 });
    }
}
