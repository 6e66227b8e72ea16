using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Engines;
using Attune.Models.Text;
using Attune.Prediction;
using Attune.Runs;
using Attune.Weights;

namespace Attune.Export;

/// <summary>
/// The adapter of a run as a folder that PEFT loads beside its base. It is attached to the base again, as any reader would, and predicts held-out rows as the merged model does, before it is kept.
/// </summary>
public static class PeftExport
{
    private const double Tolerance = 1e-4;
    private const int MaxRows = 256;

    /// <summary>Writes and proves the folder.</summary>
    /// <param name="run">A run of a method that adds weights, started from a Hugging Face folder.</param>
    /// <param name="model">Its merged model.</param>
    /// <param name="folder">Receives the files; must not exist or be empty.</param>
    /// <param name="rows">Rows to compare on; at most 256 are used.</param>
    /// <param name="baseModel">The base, where it is no longer where the run found it; null otherwise.</param>
    /// <returns>The receipt.</returns>
    /// <exception cref="OptionsException">The run kept no adapter; says why.</exception>
    /// <exception cref="WeightsException">The base is another one, or the adapter beside it predicts something else than the model, or nothing else than the base; nothing is left behind.</exception>
    public static JsonObject Write(string run, ModelFolder model, string folder, ModelRows rows, string? baseModel = null)
    {
        if (AdapterFolder.Locate(run) is null) throw new OptionsException($"--format: peft writes an adapter, and {run} kept none: {Reason(run)} Export it with --format safetensors or onnx.");
        var source = AdapterFolder.Read(run, baseModel);
        return DraftFolder.Write(folder, draft =>
        {
            foreach (var file in Directory.EnumerateFiles(source.Path)) File.Copy(file, Path.Combine(draft, Path.GetFileName(file)));
            var card = Path.Combine(ModelFolder.Locate(run), "README.md");
            AtomicFile.WriteAllText(Path.Combine(draft, "README.md"), Card(source, File.Exists(card) ? File.ReadAllText(card) : ""));
            var receipt = Prove(model, AdapterFolder.Read(draft, source.Base), rows);
            RunFolder.WriteObject(Path.Combine(draft, HuggingFaceExport.Receipt), receipt);
            return receipt;
        });
    }

    private static string Reason(string run)
    {
        if (!RunFolder.Exists(run)) return "it is a model folder without its run.";
        var record = RunFolder.Open(run).ReadRun();
        if (record["adapter"]?["reason"] is { } reason) return reason.GetValue<string>();
        return $"its method ({record["options"]?["method"]?["name"]?.ToString() ?? "full"}) adds no weights.";
    }

    private static JsonObject Prove(ModelFolder model, AdapterFolder written, ModelRows rows)
    {
        var count = Math.Min(rows.Set.Rows, MaxRows);
        int[] sample = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows.Set.Rows / count))];
        var network = written.LoadBase();
        using var tuned = new Predictor(model, ModelEngine.CompileAny);
        using var actual = new Predictor(written.Load(network), ModelEngine.CompileAny);
        using var plain = new Predictor(written.LoadPlain(network), ModelEngine.CompileAny);
        float[] expected = tuned.Predict(rows.Set, sample), given = actual.Predict(rows.Set, sample), start = plain.Predict(rows.Set, sample);
        double largest = 0, scale = 1, change = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            (largest, scale, change) = (Math.Max(largest, Math.Abs((double)given[i] - expected[i])), Math.Max(scale, Math.Abs(expected[i])), Math.Max(change, Math.Abs((double)given[i] - start[i])));
        }
        if (!(largest <= Tolerance * scale))
            throw new WeightsException(string.Create(CultureInfo.InvariantCulture, $"{written.Path}: The adapter beside its base predicts something else than the model: the largest difference on {count} rows is {largest:E2}, the limit {Tolerance * scale:E0}. Nothing was kept; please report this."));
        if (change == 0) throw new WeightsException($"{written.Path}: The adapter changes nothing: beside the base it predicts what the base does. Train longer, or with a larger learning rate; nothing was kept.");
        return new JsonObject
        {
            ["runtime"] = "attune, the adapter read again and attached to its base",
            ["rows"] = count,
            ["source"] = rows.Table.Source,
            ["largestDifference"] = largest,
            ["limit"] = Tolerance * scale,
            ["changeFromBase"] = change,
            ["base"] = written.Adapter.Config.BaseModel,
            ["baseSha256"] = written.Adapter.BaseSha256,
            ["weightsSha256"] = model.WeightsSha256,
        };
    }

    private static string Card(AdapterFolder adapter, string card)
    {
        if (adapter.IsOfPictures && !HasUpstreamConfig(adapter.Base)) return PlainCard(adapter.Adapter.Config.BaseModel, card);
        var (config, auto) = (adapter.Adapter.Config, adapter.IsOfPictures ? "AutoModelForImageClassification" : adapter.Head switch
        {
            TextHead.TokenClassification => "AutoModelForTokenClassification",
            TextHead.Embedding => "AutoModel",
            TextHead.MaskedLanguageModel => "AutoModelForMaskedLM",
            TextHead.QuestionAnswering => "AutoModelForQuestionAnswering",
            _ => "AutoModelForSequenceClassification",
        });
        var labels = adapter.Head is TextHead.Embedding or TextHead.MaskedLanguageModel or TextHead.QuestionAnswering ? "" : FormattableString.Invariant($", num_labels={UpstreamHead.OutputsOf(adapter.Task!)}");
        return $"""
            ---
            library_name: peft
            base_model: {config.BaseModel}
            ---

            {card.Trim()}

            ## With PEFT

            ```python
            from peft import PeftModel
            from transformers import {auto}
            base = {auto}.from_pretrained("{config.BaseModel}"{labels})
            model = PeftModel.from_pretrained(base, "THIS FOLDER")
            ```

            """.ReplaceLineEndings("\n");
    }

    // Networks of torchvision and timm, which transformers does not load.
    private static bool HasUpstreamConfig(string path) => Models.Text.TextConfig.ModelTypeOf(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!) is not null;

    private static string PlainCard(string? baseModel, string card) => $"""
        ---
        library_name: peft
        base_model: {baseModel}
        ---

        {card.Trim()}

        ## With PEFT

        ```python
        from peft import PeftModel
        model = PeftModel.from_pretrained(base, "THIS FOLDER")   # base: the network of {baseModel}, with a head of this many classes
        ```

        """.ReplaceLineEndings("\n");
}
