using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Engines;
using Attune.Export;
using Attune.Graphs.Onnx;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Attune.Training;
using Microsoft.Extensions.AI;

namespace Attune.Tests.Runs;

/// <summary>Sentence embeddings from end to end: tune on pairs, triplets and scores, predict, export, tune the export again.</summary>
public sealed class EmbeddingRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-embeddings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Pairs_are_learned_and_compared_with_the_encoder_as_it_came_and_with_words()
    {
        var checks = new Checks();
        var run = FineTuning.Run(Options(SmallPairs.Write(_folder), "run"), new RunRequest { Callbacks = [checks] });
        Assert.Equal("embedding", run.Evaluation!.Task);
        Assert.Equal(["mean_average_precision", "mrr", "ndcg_at_10", "recall_at_1", "recall_at_10", "recall_at_5"], run.Evaluation.Splits["test"].Metrics.Keys);
        Assert.Equal("better", run.Verdict!.Word);
        Assert.Equal(("ndcg_at_10", Path.Combine(_folder, "bert")), (run.Verdict.Metric, run.Verdict.Before.Name));
        Assert.True(run.Verdict.After.Value > 0.8 && run.Verdict.Before.Value < 0.4, run.Verdict.Sentence);
        Assert.False(run.Evaluation.Baselines["tf-idf"].Chosen);
        Assert.True(run.Evaluation.Baselines["tf-idf"].Splits["test"].Metrics["mrr"].Value < 0.4);   // no word of an anchor stands in its positive
        Assert.Equal(["anchor", "positive"], run.Evaluation.Splits["test"].WorstRows![0].Values!.Keys);
        Assert.StartsWith("place ", run.Evaluation.Splits["test"].WorstRows![0].Prediction, StringComparison.Ordinal);
        Assert.Contains("compares the rows of a batch", checks.All.Single(c => c.Name == "k micro-batches = one batch").Detail, StringComparison.Ordinal);
        Assert.Contains(checks.All, c => c.Name == "a row alone = the row in a batch" && c.Passed);
    }

    [Theory]
    [InlineData("triplets", null, "ndcg_at_10")]
    [InlineData("triplets", "triplet", "ndcg_at_10")]
    [InlineData("scores", null, "spearman")]
    [InlineData("scores", "cosine-similarity", "spearman")]
    [InlineData("scores", "contrastive", "spearman")]
    public void Triplets_and_scores_are_learned_too(string data, string? loss, string metric)
    {
        var table = data == "scores" ? SmallPairs.WriteScores(_folder) : SmallPairs.Write(_folder, negatives: true);
        var run = FineTuning.Run(Options(table, "run") with { Objective = new ObjectiveOptions { Loss = loss } });
        Assert.Equal((metric, "better"), (run.Verdict!.Metric, run.Verdict.Word));
        if (data == "scores") Assert.Equal(5, ((SentenceEmbedding)ModelFolder.Load(run.Path).Task).Divisor);
    }

    [Fact]
    public void Scale_and_margin_reach_the_loss()
    {
        var (pairs, scores) = (SmallPairs.Write(_folder), SmallPairs.WriteScores(_folder));
        string After(string data, ObjectiveOptions objective, string name) => ModelFolder.Load(FineTuning.Run(Options(data, name, epochs: 1) with { Objective = objective }).Path).WeightsSha256;
        Assert.NotEqual(After(pairs, new ObjectiveOptions(), "a"), After(pairs, new ObjectiveOptions { Scale = 5 }, "b"));
        Assert.NotEqual(After(scores, new ObjectiveOptions { Loss = "contrastive" }, "c"), After(scores, new ObjectiveOptions { Loss = "contrastive", Margin = 1.5 }, "d"));
    }

    [Fact]
    public void Vectors_are_written_as_lines_and_as_Parquet_from_any_column()
    {
        var run = FineTuning.Run(Options(SmallPairs.Write(_folder), "run", epochs: 2));
        using var predictor = Predictor.Load(run.Path, ModelEngine.CompileAny);
        using var embedder = SentenceEmbedder.Load(run.Path);
        var data = Path.Combine(_folder, "new.csv");
        File.WriteAllText(data, "id,body\n7,good bad\n8,coffee tea bread dog box\n9,\n");
        var (lines, parquet) = (Path.Combine(_folder, "v.jsonl"), Path.Combine(_folder, "v.parquet"));
        var notes = new List<string>();
        PredictionFile.Write(predictor, data, lines, ["id", "body"], [], note: notes.Add, texts: ["body"]);
        PredictionFile.Write(predictor, data, parquet, ["id", "body"], [], texts: ["body"]);
        Assert.Contains(notes, n => n.Contains("1 of 3 texts are empty", StringComparison.Ordinal));
        var expected = embedder.Embed(["good bad", "coffee tea bread dog box", ""], Stop);
        var objects = File.ReadLines(lines).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(["7", "8", "9"], objects.Select(o => o["id"]!.GetValue<string>()));
        var written = objects.SelectMany(o => o["embedding"]!.AsArray().Select(x => x!.GetValue<float>())).ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], written[i], 1e-5);
        using var query = new DuckDbQuery(parquet, 1);
        query.Run($"COPY (SELECT id, embedding FROM read_parquet({DuckDbQuery.Path(parquet)})) TO {DuckDbQuery.Text(Path.Combine(_folder, "back.json"))} (FORMAT json)");
        var back = File.ReadLines(Path.Combine(_folder, "back.json")).SelectMany(l => JsonNode.Parse(l)!["embedding"]!.AsArray().Select(x => x!.GetValue<float>())).ToArray();
        Assert.Equal(written, back);
        Assert.Contains(".parquet", Assert.Throws<OptionsException>(() => PredictionFile.Write(predictor, data, Path.Combine(_folder, "v.csv"), [], [], texts: ["body"])).Message, StringComparison.Ordinal);
        Assert.Contains("one", Assert.Throws<OptionsException>(() => PredictionFile.Write(predictor, data, lines, [], [], texts: ["body", "id"])).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => PredictionFile.Write(predictor, data, lines, [], [], texts: ["nothing"]));
    }

    [Fact]
    public async Task Many_threads_get_the_vectors_that_one_gets()
    {
        var run = FineTuning.Run(Options(SmallPairs.Write(_folder), "run", epochs: 1));
        using var embedder = SentenceEmbedder.Load(run.Path);
        string[] texts = ["good", "stale bitter dull and very good tea", "the dog was my box", "bread"];
        var alone = texts.Select(t => embedder.Embed([t], Stop)).ToArray();
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => embedder.GenerateAsync(texts, cancellationToken: Stop))));
        foreach (var vectors in all)
        {
            Assert.Equal(texts.Length, vectors.Count);
            for (var t = 0; t < texts.Length; t++)
                for (var i = 0; i < embedder.Width; i++) Assert.Equal(alone[t][i], vectors[t].Vector.Span[i], 1e-5);
        }
        Assert.Equal(embedder.Width, ((IEmbeddingGenerator)embedder).GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.Empty(await embedder.GenerateAsync([], cancellationToken: Stop));
        await Assert.ThrowsAsync<NotSupportedException>(() => embedder.GenerateAsync(texts, new EmbeddingGenerationOptions { Dimensions = 3 }, Stop));
        await Assert.ThrowsAsync<OperationCanceledException>(() => embedder.GenerateAsync(texts, cancellationToken: new CancellationToken(true)));
    }

    [Fact]
    public void Exports_are_proven_and_answer_as_the_model_when_they_are_tuned_again()
    {
        var data = SmallPairs.Write(_folder);
        var run = FineTuning.Run(Options(data, "run", epochs: 3));
        var model = ModelFolder.Load(run.Path);
        using var rows = HeldOutRows.Of(run.Path, model);
        var file = Path.Combine(_folder, "out", "search.onnx");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var receipt = OnnxExport.Write(model, file, rows);
        Assert.Equal("ndcg_at_10", receipt["metric"]!["name"]!.GetValue<string>());
        Assert.Equal(run.Verdict!.After.Value!.Value, receipt["metric"]!["value"]!.GetValue<double>(), 1e-6);
        Assert.Equal(["sentence_embedding"], OnnxReader.Read(file).Outputs.Select(o => o.Name));
        var folder = Path.Combine(_folder, "hub");
        HuggingFaceExport.Write(model, folder, rows);
        Assert.True(File.Exists(Path.Combine(folder, "modules.json")) && File.Exists(Path.Combine(folder, "1_Pooling", "config.json")) && File.Exists(Path.Combine(folder, "tokenizer.json")));
        Assert.Empty(TextModel.Load(folder, new TextLoadOptions { Head = TextHead.Embedding }).Fresh);
        foreach (var start in new[] { file, folder, run.Path })
        {
            var again = FineTuning.Run(Options(data, "again" + Path.GetFileName(start), epochs: 1) with { Model = new ModelOptions { Path = start } });
            if (start == run.Path) Assert.Equal("embedding", again.Evaluation!.Task);
            Assert.Equal(run.Verdict.After.Value!.Value, again.Verdict!.Before.Value!.Value, 1e-4);   // the same rows are the test split
        }
    }

    [Fact]
    public void Rows_of_an_anchor_stay_in_one_split()
    {
        var data = Path.Combine(_folder, "faq.csv");
        File.WriteAllText(data, "anchor,positive\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"good {Word(i / 4)} {Word(i / 16)},tea {Word(i)} dog\n")));
        using var run = RunPreparation.Prepare(Options(data, "run"));
        HashSet<string> Anchors(Table rows) => [.. Enumerable.Range(0, rows.Rows).Select(row => rows["anchor"].Text(row))];
        Assert.Empty(Anchors(run.Splits.Train.Rows).Intersect(Anchors(run.Splits.Test)));
        Assert.Empty(Anchors(run.Splits.Train.Rows).Intersect(Anchors(run.Splits.Validation)));
        Assert.Equal(2 * run.Train.Rows, run.Train.Units);

        static string Word(int i) => string.Concat("abcdefghij"[i % 10], "klmnopqrst"[i / 10 % 10]);
    }

    [Theory]
    [InlineData("a,b\nx#,y\n", "", "text.columns")]
    [InlineData("anchor,positive\nx#,y\n", "text.columns=anchor,negative", "negative")]
    [InlineData("anchor,positive\nx#,y\n", "text.columns=anchor", "text.columns")]
    [InlineData("text1,text2,score\nx#,y,7#\n", "", "lie in [710")]
    [InlineData("text1,text2,score\nx#,y,much\n", "", "score")]
    [InlineData("anchor,positive\nx#,y\n", "objective.loss=triplet", "multiple-negatives-ranking")]
    [InlineData("anchor,positive\nx#,y\n", "objective.label-smoothing=0.1", "objective.label-smoothing")]
    [InlineData("anchor,positive\nx#,y\n", "objective.margin=1", "objective.margin")]
    [InlineData("anchor,positive\nx#,y\n", "model.head-at=x", "model.head-at")]
    [InlineData("anchor,positive\nx#,y\n", "evaluation.metric=accuracy", "accuracy")]
    [InlineData("anchor,positive\nx#,y\n", "data.positive=y", "data.positive")]
    [InlineData("a,b,c,d\nx#,y,z,w\n", "text.columns=a,b,c,d", "text.columns")]
    public void What_cannot_be_learned_is_refused_with_a_reason(string csv, string option, string named)
    {
        var data = Path.Combine(_folder, "data.csv");
        var lines = csv.TrimEnd('\n').Split('\n');
        File.WriteAllText(data, lines[0] + "\n" + string.Concat(Enumerable.Range(10, 60).Select(i => lines[1].Replace("#", $"{i}", StringComparison.Ordinal) + "\n")));
        var reader = new OptionsReader().Set("out", Path.Combine(_folder, "run")).Set("data.path", data).Set("data.task", "embedding").Set("model.path", SmallTexts.WriteBert(Path.Combine(_folder, "bert")));
        if (option.Length > 0) reader.Set(option);
        var error = Assert.ThrowsAny<Exception>(() => FineTuning.Run(reader.Read()));
        Assert.True(error is OptionsException or DataFormatException, error.ToString());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Micro_batches_would_be_another_loss_and_are_refused()
    {
        var options = Options(SmallPairs.Write(_folder), "run", epochs: 1);
        Assert.Contains("training.micro-batch-size", Assert.Throws<OptionsException>(() => FineTuning.Run(options with { Training = options.Training with { MicroBatchSize = 4 } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifier_is_no_encoder()
    {
        SmallTexts.WriteTable(_folder, 100);
        var classifier = FineTuning.Run(new RunOptions
        {
            Out = Path.Combine(_folder, "classes"),
            Data = new DataOptions { Path = Path.Combine(_folder, "texts.csv"), Target = "label" },
            Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder, "bert")) },
            Training = new TrainingOptions { Epochs = 1 },
            Evaluation = new EvaluationOptions { Resamples = 200 },
        });
        Assert.Contains("not with vectors", Assert.Throws<OptionsException>(() => SentenceEmbedder.Load(classifier.Path)).Message, StringComparison.Ordinal);
        var options = Options(SmallPairs.Write(_folder), "run") with { Model = new ModelOptions { Path = classifier.Path } };
        Assert.Contains("not with vectors", Assert.Throws<OptionsException>(() => FineTuning.Run(options)).Message, StringComparison.Ordinal);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RunOptions Options(string data, string name, int epochs = 25)
    {
        var bert = Path.Combine(_folder, "bert");
        if (!Directory.Exists(bert)) SmallTexts.WriteBert(bert);
        return new RunOptions
        {
            Out = Path.Combine(_folder, name),
            Data = new DataOptions { Path = data, Task = "embedding" },
            Model = new ModelOptions { Path = bert },
            Training = new TrainingOptions { Epochs = epochs, LearningRate = 5e-3 },
            Evaluation = new EvaluationOptions { Resamples = 200 },
        };
    }

    private sealed class Checks : Callback
    {
        public IReadOnlyList<SelfTestCheck> All { get; private set; } = [];

        public override void SelfTested(IReadOnlyList<SelfTestCheck> checks) => All = checks;
    }
}
