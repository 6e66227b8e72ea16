using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Attune.Evaluation;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>What a model folder says about its model: facts in model.json, the same for people in README.md.</summary>
internal static class ModelCard
{
    /// <summary>The card inside model.json.</summary>
    public static JsonObject Create(PreparedRun run, Verdict verdict, EvaluationReport evaluation)
    {
        var card = Facts(run, verdict);
        if (run.Options.Image.PathColumn is { } column) card[ModelRows.PathColumnKey] = column;
        return card;
    }

    private static JsonObject Facts(PreparedRun run, Verdict verdict) => new()
    {
        ["attune"] = typeof(ModelCard).Assembly.GetName().Version!.ToString(3),
        ["startingModel"] = run.Start is null ? null : Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Start.Path)),
        ["startingWeightsSha256"] = run.Start?.Sha256,
        ["rows"] = new JsonObject { ["train"] = run.Train.Rows, ["validation"] = run.Validation.Rows, ["test"] = run.Test.Rows },
        ["verdict"] = JsonNode.Parse(verdict.ToJson()),
    };

    /// <summary>README.md of the model folder.</summary>
    public static string ToMarkdown(PreparedRun run, Verdict verdict, EvaluationReport evaluation)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {(run.Task is SentenceEmbedding ? "A model of texts" : $"A model for '{run.Task.Target}'")}\n\n{verdict.Sentence}\n\n");
        foreach (var sentence in verdict.SimpleSentences) text.Append(CultureInfo.InvariantCulture, $"{sentence}\n\n");
        if (verdict.Forgetting is { } forgetting) text.Append(CultureInfo.InvariantCulture, $"{forgetting.Sentence}\n\n");
        text.Append(run.Task is Classification classes
            ? $"Task: {classes.Name}; classes {string.Join(", ", classes.Classes)}{(classes.PositiveClass is { } positive ? $"; positive class {positive}" : "")}.\n"
            : run.Task is MultiLabelClassification labels ? $"Task: {labels.Name}; labels {string.Join(", ", labels.Labels)}, each predicted from probability 0.5 on.\n"
            : run.Task is TokenClassification tags ? $"Task: {tags.Name}; tags {string.Join(", ", tags.Tags)}.\n"
            : run.Task is SentenceEmbedding embedding ? string.Create(CultureInfo.InvariantCulture, $"Task: embedding; a vector of {embedding.OutputWidth} numbers for each text, to be compared by cosine.\n")
            : run.Task is QuestionAnswering reader ? string.Create(CultureInfo.InvariantCulture, $"Task: {reader.Name}; answers of at most {reader.MaxAnswerTokens} tokens{(reader.AnswersAlways ? "" : ", or none")}.\n")
            : run.Task is MaskedLanguageModel masked ? string.Create(CultureInfo.InvariantCulture, $"Task: {masked.Name}; {masked.OutputWidth} words, {masked.MaskShare:P0} of those of a text are hidden. An encoder to tune tasks from.\n")
            : "Task: regression.\n");
        text.Append(CultureInfo.InvariantCulture, $"Trained on {run.Train.Rows} rows, stopped by {run.Validation.Rows} validation rows, judged on {run.Test.Rows} test rows that nothing else has seen.\n\n");
        text.Append("| test metric | value | 95 % interval |\n|---|---|---|\n");
        foreach (var (name, result) in evaluation.Splits["test"].Metrics)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {(result.Value is { } value ? value.ToString("G5", CultureInfo.InvariantCulture) : result.Reason)} | ");
            text.Append(result.Interval is { } interval ? string.Create(CultureInfo.InvariantCulture, $"{interval.Low:G5} to {interval.High:G5}") : "").Append(" |\n");
        }
        if (run.Inputs is ImageInputs { Preprocessing: var p })
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Inputs\n\nPictures, as {p.Channels.ToString().ToLowerInvariant()} {p.Height} × {p.Width}: {(p.ResizeShorterSide is { } side ? $"shorter side resized to {side}, centre cut out" : p.ResizeHeight is { } h ? $"resized to {h} × {p.ResizeWidth}" : "centre cut out")} ({p.Interpolation.ToString().ToLowerInvariant()}), (x / 255 − [{string.Join(", ", p.Mean)}]) / [{string.Join(", ", p.Std)}].\n");
            text.Append("\n## Use\n\n```\nattune predict --model <this folder> --data photos/ --out predictions.csv\nattune export --model <this folder> --format onnx --out model.onnx\n```\n\n`model.safetensors` has the weights under the names of the network it started from.\n");
            return text.ToString();
        }
        if (run.Inputs is TextInputs { Settings: var s, TextColumns: var texts })
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Inputs\n\nText from {string.Join(" and ", texts.Select(c => $"column '{c.Name}'"))}, at most {s.MaxLength} tokens; `tokenizer.json` makes them.\n");
            text.Append("\n## Use\n\n```\nattune predict --model <this folder> --data new.csv --out predictions.csv\nattune export --model <this folder> --format onnx --out model.onnx\n```\n\n`model.safetensors` has the weights under the names of the network it started from.\n");
            return text.ToString();
        }
        text.Append("\n## Inputs\n\n| column | kind |\n|---|---|\n");
        foreach (var column in run.Features) text.Append(CultureInfo.InvariantCulture, $"| {column.Name.Replace("|", "\\|", StringComparison.Ordinal)} | {column.Kind.ToString().ToLowerInvariant()} |\n");
        text.Append("\n## Use\n\n```\nattune predict --model <this folder> --data new.csv --out predictions.csv\n```\n\n```csharp\nusing var predictor = Attune.Prediction.Predictor.Load(\"<this folder>\");   // package Attune.Core\n```\n");
        return text.ToString();
    }
}
