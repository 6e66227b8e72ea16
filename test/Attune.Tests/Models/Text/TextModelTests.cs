using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Models.Text;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Models.Text;

public sealed class TextModelTests
{
    private static string Json(string type, string more = "") => type switch
    {
        "distilbert" => $$"""{"model_type": "distilbert", "vocab_size": 30, "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 12, "max_position_embeddings": 16{{more}}}""",
        "albert" => $$"""{"model_type": "albert", "vocab_size": 30, "embedding_size": 4, "hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16{{more}}}""",
        "deberta-v2" => $$"""{"model_type": "deberta-v2", "vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16, "relative_attention": true, "position_buckets": 4, "pos_att_type": "p2c|c2p", "share_att_key": true, "norm_rel_ebd": "layer_norm", "position_biased_input": false{{more}}}""",
        "modernbert" => $$"""{"model_type": "modernbert", "vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16, "pad_token_id": 1, "local_attention": 4{{more}}}""",
        "electra" => $$"""{"model_type": "electra", "vocab_size": 30, "embedding_size": 4, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16{{more}}}""",
        "gpt2" => $$"""{"model_type": "gpt2", "vocab_size": 30, "n_embd": 8, "n_layer": 2, "n_head": 2, "n_positions": 16{{more}}}""",
        "llama" or "qwen2" or "qwen3" => $$"""{"model_type": "{{type}}", "vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4, "intermediate_size": 12, "max_position_embeddings": 16{{more}}}""",
        _ => $$"""{"model_type": "{{type}}", "vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16{{more}}}""",
    };

    private static TextModel Create(string type, TextHead head, int outputs = 3) => TextModel.Create(TextConfig.Parse(Json(type)), new TextLoadOptions { Head = head, Outputs = outputs, Seed = 5 });

    public static TheoryData<string> Families => [.. TextCatalog.Names];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_head_is_written_and_loaded_to_the_bit(string family)
    {
        foreach (var head in TextConfig.Parse(Json(family)).Shape.KnownHeads)
        {
            using var folder = TestFiles.Folder();
            var model = Create(family, head);
            model.Save(folder.Path, changes: new TextConfigChanges { Labels = head is TextHead.SequenceClassification ? ["a", "b", "c"] : null });
            var loaded = TextModel.Load(folder.Path, new TextLoadOptions { Head = head });
            Assert.Empty(loaded.Fresh);
            Assert.Empty(loaded.Unexpected);
            Assert.Equal(model.Outputs, loaded.Outputs);
            if (head is TextHead.SequenceClassification) Assert.Equal(["a", "b", "c"], loaded.Config.Labels);
            Assert.Equal(model.Config.Shape.Architecture(head), loaded.Config.Architecture);
            foreach (var weight in model.Graph.Weights.All.Where(w => w.Role == WeightRole.Parameter)) Assert.True(weight.Value.Data.Span<byte>().SequenceEqual(loaded.Graph.Weights[weight.Name].Value.Data.Span<byte>()), weight.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void More_padding_changes_nothing(string family)
    {
        var model = Create(family, TextHead.None);
        var pad = model.Config.Shape.PadId ?? 0;
        var alone = Run(model, [5, 6, 7, 8, 9], 5);
        var padded = Run(model, [5, 6, 7, 8, 9, pad, pad, pad], 5);
        for (var i = 0; i < alone.Length; i++) Assert.True(Math.Abs(alone[i] - padded[i]) < 1e-5, $"{i}: {alone[i]} {padded[i]}");
    }

    [Fact]
    public void Missing_layer_is_refused_with_names_and_count()
    {
        using var folder = TestFiles.Folder();
        Create("bert", TextHead.SequenceClassification).Save(folder.Path);
        Rewrite(folder.Path, w => !w.Name.Contains("layer.1.", StringComparison.Ordinal));
        var error = Assert.Throws<WeightsException>(() => TextModel.Load(folder.Path, new TextLoadOptions { Head = TextHead.SequenceClassification }));
        Assert.Contains("16 missing: 'bert.encoder.layer.1.attention.self.query.weight'", error.Message, StringComparison.Ordinal);
        Assert.Contains("and 6 more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_head_starts_afresh_and_is_told()
    {
        using var folder = TestFiles.Folder();
        Create("bert", TextHead.MaskedLanguageModel).Save(folder.Path);
        var model = TextModel.Load(folder.Path, new TextLoadOptions { Head = TextHead.SequenceClassification, Outputs = 4 });
        Assert.Equal(["bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"], model.Fresh);
        Assert.Contains("cls.predictions.bias", model.Unexpected);
        Assert.All(model.Graph.Weights["classifier.bias"].Value.Data.Span<float>().ToArray(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Backbone_without_prefix_and_with_a_wrapper_before_it_load()
    {
        using var folder = TestFiles.Folder();
        Create("bert", TextHead.None).Save(folder.Path);
        Assert.All(TextModel.Load(folder.Path, new TextLoadOptions { Head = TextHead.TokenClassification }).Fresh, f => Assert.StartsWith("classifier.", f, StringComparison.Ordinal));
        Rewrite(folder.Path, _ => true, name => "0.auto_model." + name);
        Assert.Empty(TextModel.Load(folder.Path).Fresh);
    }

    [Theory]
    [InlineData(", \"hidden_act\": \"snake\"", "'hidden_act' is 'snake', which is not known")]
    [InlineData(", \"position_embedding_type\": \"relative_key\"", "'position_embedding_type' is \"relative_key\"")]
    [InlineData(", \"is_decoder\": true", "'is_decoder' is true")]
    [InlineData(", \"rotary_scaling\": 2", "1 unknown setting for bert: 'rotary_scaling'")]
    [InlineData(", \"num_attention_heads\": 3", "cannot be cut into 3 attention heads")]
    public void Settings_that_are_not_built_are_refused_by_name(string more, string message)
        => Assert.Contains(message, Assert.Throws<DataFormatException>(() => TextConfig.Parse(Json("bert", more))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("llama", ", \"rope_scaling\": {\"rope_type\": \"longrope\", \"factor\": 2}", "'rope_scaling' has the type 'longrope'")]
    [InlineData("llama", ", \"rope_scaling\": {\"type\": \"linear\"}", "'rope_scaling' of type 'linear' has no 'factor'")]
    [InlineData("llama", ", \"rope_scaling\": {\"type\": \"linear\", \"factor\": \"2\"}", "a number above 0 was expected")]
    [InlineData("llama", ", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2, \"beta\": 1}", "unknown settings 'beta'")]
    [InlineData("llama", ", \"rope_scaling\": 3", "'rope_scaling' is no object")]
    [InlineData("qwen3", ", \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4, \"original_max_position_embeddings\": 16}", "set max_position_embeddings to their product")]
    [InlineData("qwen2", ", \"use_sliding_window\": true", "'use_sliding_window' is true")]
    [InlineData("llama", ", \"num_key_value_heads\": 3", "no multiple of 3 key and value heads")]
    [InlineData("llama", ", \"head_dim\": 5", "rotary positions need an even one")]
    [InlineData("gpt2", ", \"n_head\": 3", "cannot be cut into 3 attention heads")]
    public void Decoders_refuse_by_name_what_is_not_built(string type, string more, string message)
        => Assert.Contains(message, Assert.Throws<DataFormatException>(() => TextConfig.Parse(Json(type, more))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void Decoders_do_not_see_what_comes_after(string family)
    {
        var model = Create(family, TextHead.None);
        Assert.Equal(Run(model, [5, 6, 7, 8, 9], 5)[..(3 * 8)], Run(model, [5, 6, 7, 18, 19], 5)[..(3 * 8)]);
    }

    [Fact]
    public void Tokens_and_positions_are_inputs_only_where_that_makes_sense()
    {
        Assert.Throws<OptionsException>(() => TextModel.Create(TextConfig.Parse(Json("bert")), new TextLoadOptions { Head = TextHead.SequenceClassification, SelectsTokens = true }));
        Assert.Throws<OptionsException>(() => TextModel.Create(TextConfig.Parse(Json("bert")), new TextLoadOptions { TakesPositions = true }));
        foreach (var family in TextCatalog.Names)
        {
            var model = TextModel.Create(TextConfig.Parse(Json(family)), new TextLoadOptions { Head = TextHead.TokenClassification, Outputs = 3, SelectsTokens = true });
            Assert.Equal("[U, 3]", model.Graph.Outputs[0].Shape!.ToString());
            Assert.Contains(model.Graph.Inputs, i => i.Name == TextModel.Selected);
        }
    }

    [Fact]
    public void Unknown_family_names_the_known_ones()
        => Assert.Contains("'model_type' is 'bart'", Assert.Throws<DataFormatException>(() => TextConfig.Parse("""{"model_type": "bart"}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Sharded_weights_load_and_a_wrong_index_is_refused()
    {
        using var folder = TestFiles.Folder();
        var model = Create("bert", TextHead.None);
        model.Save(folder.Path);
        var path = Path.Combine(folder.Path, "model.safetensors");
        var all = SafetensorsReader.Read(path).Weights.DeepCopy().All;
        File.Delete(path);
        var half = all.Count / 2;
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model-00001-of-00002.safetensors"), new WeightStore(all.Take(half)));
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model-00002-of-00002.safetensors"), new WeightStore(all.Skip(half)));
        void Index(Func<int, int> shard) => File.WriteAllText(path + ".index.json", "{\"weight_map\": {" + string.Join(", ", all.Select((w, i) => $"\"{w.Name}\": \"model-0000{shard(i)}-of-00002.safetensors\"")) + "}}");
        Index(i => i < half ? 1 : 2);
        Assert.Equal(all.Count, TextModel.Load(folder.Path).Graph.Weights.All.Count(w => w.Role == WeightRole.Parameter));
        Index(i => i < half - 1 ? 1 : 2);
        Assert.Contains("are of different models", Assert.Throws<DataFormatException>(() => TextModel.Load(folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path + ".index.json", """{"weight_map": {"a": "../b.safetensors"}}""");
        Assert.Contains("a file of the same folder", Assert.Throws<DataFormatException>(() => TextModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_written_in_the_type_of_the_checkpoint()
    {
        using var folder = TestFiles.Folder();
        Create("roberta", TextHead.None).Save(folder.Path, changes: new TextConfigChanges { Type = DataType.BFloat16 });
        var model = TextModel.Load(folder.Path, new TextLoadOptions { Head = TextHead.SequenceClassification, Outputs = 2 });
        Assert.Equal(DataType.BFloat16, model.SourceType);
        using var second = TestFiles.Folder();
        model.Save(second.Path);
        Assert.All(SafetensorsReader.Read(Path.Combine(second.Path, "model.safetensors")).Weights.All, w => Assert.Equal(DataType.BFloat16, w.Value.Type));
    }

    [Fact]
    public void Tied_word_embeddings_are_one_entry()
    {
        var model = Create("bert", TextHead.MaskedLanguageModel);
        Assert.Contains("cls.predictions.decoder.weight", model.Graph.Weights["bert.embeddings.word_embeddings.weight"].Aliases);
        Assert.Same(model.Graph.Weights["cls.predictions.decoder.weight"], model.Graph.Weights["bert.embeddings.word_embeddings.weight"]);
    }

    [Fact]
    public void Attention_weights_are_dropped_in_training_only()
    {
        var json = Json("bert", ", \"hidden_dropout_prob\": 0, \"attention_probs_dropout_prob\": 0.5");
        var model = TextModel.Create(TextConfig.Parse(json), new TextLoadOptions { Head = TextHead.SequenceClassification, Outputs = 2 });
        foreach (var weight in model.Graph.Weights.All.Where(w => w.Name.EndsWith(".weight", StringComparison.Ordinal) && w.Value.Sizes.Count == 2))
        {
            foreach (ref var value in weight.Value.Data.Span<float>()) value *= 20;
        }
        var source = new TokenSequences(1, [5, 6, 7, 8], null, [0, 4], new TokenPadding(0, 16, 1));
        var set = new EncodedSet(1, [new TokenInput("input_ids", TokenField.Ids, source), new TokenInput("attention_mask", TokenField.Mask, source), new TokenInput("token_type_ids", TokenField.Types, source)], Targets.Classes([1]));
        using var compiled = TorchCompiler.Compile(model.Graph, new CompileOptions { Trainable = [new TrainableWeight("classifier.weight")], Seed = 3 });
        var loss = LossCatalog.Create("cross-entropy", new LossOptions());
        double Value(int step, TrainingMode mode) => compiled.Accumulate(set, [0], loss, 1, new MicroStep(step, 0, mode));
        Assert.Equal(Value(0, TrainingMode.Deterministic), Value(1, TrainingMode.Deterministic));
        Assert.NotEqual(Value(0, TrainingMode.Random), Value(1, TrainingMode.Random));
        Assert.Equal(Value(2, TrainingMode.Random), Value(2, TrainingMode.Random));
    }

    private static void Rewrite(string folder, Func<Weight, bool> keep, Func<string, string>? rename = null)
    {
        var path = Path.Combine(folder, "model.safetensors");
        var kept = SafetensorsReader.Read(path).Weights.DeepCopy().All.Where(keep).Select(w => w with { Name = rename?.Invoke(w.Name) ?? w.Name });
        SafetensorsWriter.Write(path, new WeightStore(kept));
    }

    // last_hidden_state of the real tokens.
    private static float[] Run(TextModel model, long[] ids, int real)
    {
        using var folder = TestFiles.Folder();
        var path = Path.Combine(folder.Path, "model.onnx");
        OnnxWriter.Write(model.Graph, path);
        long[] sizes = [1, ids.Length];
        var inputs = new List<(string, Tensor)> { ("input_ids", Tensor.Of(ids, sizes)), ("attention_mask", Tensor.Of([.. ids.Select((_, i) => i < real ? 1L : 0L)], sizes)) };
        if (model.Graph.Inputs.Any(i => i.Name == "token_type_ids")) inputs.Add(("token_type_ids", Tensor.Of(new long[ids.Length], sizes)));
        return OnnxRuntimeCheck.Run(path, inputs)["last_hidden_state"].Data.Span<float>()[..(real * model.Config.Shape.Width)].ToArray();
    }
}
