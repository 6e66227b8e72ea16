using System.Globalization;
using Attune.Encoding;
using Attune.Methods;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Runs;

/// <summary>What a run will do, in a few lines for people; printed before training.</summary>
public static class RunPlan
{
    /// <summary>Label and text of each line.</summary>
    /// <param name="run">The run.</param>
    /// <param name="estimate">Longest time.</param>
    /// <param name="engine">What is worth saying about the engine; empty for the dense one.</param>
    public static IReadOnlyList<(string Label, string Text)> Lines(PreparedRun run, TimeSpan estimate, IReadOnlyList<string> engine)
    {
        var settings = run.Settings;
        var report = run.Splits.Report;
        var all = run.Network.Weights.All.Where(w => w.Role == Weights.WeightRole.Parameter).Sum(w => w.Count);
        var trains = run.Trainable.Sum(t => run.Network.Weights[t.Name].Count);
        var steps = (long)settings.Epochs * TrainingLoop.StepsPerEpoch(run.Train.Rows, settings.BatchSize);
        return
        [
            ("data", run.Inputs is TableInputs { Encoder: var encoder }
                ? Text($"{run.Options.Data.Path}: {report.Rows:N0} rows, {run.Features.Count} of {run.Schema.Count - run.Task.TargetColumns.Count} columns used, {encoder.FeatureWidth} features + {encoder.Embeddings.Count} embeddings")
                : run.Inputs is TextInputs text ? Text($"{run.Options.Data.Path}: {report.Rows:N0} {(run.Task is SentenceEmbedding ? "rows of texts" : "texts")} ({(run.Task is TokenClassification ? Text($"{run.Train.Units:N0} training words") : string.Join(" and ", text.TextColumns.Select(c => $"'{c.Name}'")))}), {Tokens(run, text)}")
                : Text($"{run.Options.Data.Path}: {report.Rows:N0} pictures, read as {string.Join(" × ", ((ImageInputs)run.Inputs).Preprocessing.Shape)}, {Augmentation(run.Options)}")),
            ("task", run.Task is Classification c
                ? Text($"{c.Name} of '{c.Target}': {NearestName.Preview(c.Classes)}{(c.PositiveClass is { } p ? $", positive '{p}'" : "")}")
                : run.Task is MultiLabelClassification m ? Text($"{m.Name}: {m.Labels.Count} labels, {NearestName.Preview(m.Labels)}{(m.LabelSeparator is null ? "" : $", in '{m.Target}'")}")
                : run.Task is TokenClassification t ? Text($"{t.Name}: {t.Tags.Count} tags, {NearestName.Preview(t.Tags)}")
                : run.Task is SentenceEmbedding e ? Text($"embedding of {e.OutputWidth} numbers a text, learned from {(e.Score is { } score ? $"pairs and their '{score}'{(e.Divisor == 1 ? "" : Text($" / {e.Divisor}"))}" : e.Texts.Count == 3 ? "anchors, positives and negatives" : "anchors and positives")}")
                : run.Task is QuestionAnswering reader ? Text($"{reader.Name}: answers of at most {reader.MaxAnswerTokens} tokens{(reader.AnswersAlways ? "" : ", or none")}, windows that share {reader.Stride}")
                : run.Task is MaskedLanguageModel hidden ? Text($"{hidden.Name}: {hidden.OutputWidth:N0} words, {hidden.MaskShare:P0} hidden")
                : Text($"regression of '{run.Task.Target}'")),
            ("splits", Text($"train {run.Train.Rows:N0}, validation {run.Validation.Rows:N0}, test {run.Test.Rows:N0} ({report.Method}, seed {report.Seed})")),
            ("model", Text($"{(run.Start is null ? NameOf(run) : run.Start.Description + (run.HeadReplaced ? " with a new head" : ""))}: {Layer.Of(run.Network).Count} layers, {all:N0} parameters, {(trains == all ? "all train" : Text($"{trains:N0} train"))}")),
            .. Method(run) is { Length: > 0 } method ? new[] { ("method", method) } : [],
            ("training", Text($"{settings.Loss.Name}, {settings.Optimizer.Name} at {settings.LearningRate:G3} ({settings.Schedule.Name}), batch {settings.BatchSize}, {(settings.MicroBatchSize < settings.BatchSize ? Text($"in passes of {settings.MicroBatchSize}, ") : "")}up to {settings.Epochs} epochs = {steps:N0} steps{(settings.Patience > 0 ? Text($", stops after {settings.Patience} epochs without better {settings.Metric.Name}") : "")}")),
            .. engine.Count == 0 ? [] : new[] { ("engine", string.Join("; ", engine)) },
            ("time", $"about {Duration(estimate)} at most"),
        ];
    }

    /// <summary>How long the training texts are, and how much of a pass is padding.</summary>
    private static string Tokens(PreparedRun run, TextInputs text)
    {
        if (run.Train.Inputs.OfType<TokenInput>().FirstOrDefault()?.Source is not { } source) return "";
        var sampler = EpochSampler.Of(run.Train, run.Settings.BatchSize, run.Settings.Seed, run.Settings.BucketByLength);
        int[] lengths = [.. Enumerable.Range(0, source.Rows).Select(row => source.LongestOf(row, StreamedInput.PlainView))];
        long tokens = lengths.Sum(l => (long)l), padded = 0;
        var order = sampler.Epoch(0);
        for (var start = 0; start < order.Length; start += run.Settings.MicroBatchSize)
        {
            var rows = order[start..Math.Min(order.Length, start + run.Settings.MicroBatchSize)];
            padded += (long)rows.Length * source.PaddedLength(rows, StreamedInput.PlainView);
        }
        Array.Sort(lengths);
        return Text($"{(lengths.Length == 0 ? 0 : lengths[lengths.Length / 2])} tokens in the middle, {lengths.LastOrDefault()} at most (limit {text.Settings.MaxLength}), {(padded == 0 ? 0 : 1 - (double)tokens / padded):P0} of a pass is padding{(TextAugmentation.Describe(run.Options.Augmentation) is { } varied ? $"; training texts are varied ({varied})" : "")}");
    }

    private static string Method(PreparedRun run)
    {
        List<string> parts = run.Options.Method.Name == "full" && run.Method.Stages.Count == 0 ? [] : [.. run.Method.Description];
        if (run.HeadFirst) parts.Add("the new head is trained alone first");
        if (run.Options.Method.Name == "full" && run.Method.FreezeBatchNorm && run.Network.Nodes.Any(n => n.Operator == "BatchNormalization")) parts.Add("BatchNormalization keeps its statistics");
        return string.Join("; ", parts);
    }

    private static string NameOf(PreparedRun run) => run.Inputs is ImageInputs ? NetworkChoice.ImageNetworkOf(run.Options.Model) + " (new weights)" : run.Options.Model.Name ?? "mlp";

    private static string Augmentation(RunOptions options)
    {
        var recipe = options.Augmentation.Recipe;
        var mixed = options.Augmentation is { Mixup: > 0 } or { Cutmix: > 0 } ? " and mixing" : "";
        return recipe == AugmentationRecipe.None && mixed.Length == 0 ? "not augmented" : $"augmented ({System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(recipe.ToString())}{mixed})";
    }

    /// <summary>A duration in the unit a person would use.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds < 1 ? "1 s"
        : time.TotalSeconds < 90 ? Text($"{time.TotalSeconds:0} s")
        : time.TotalMinutes < 90 ? Text($"{time.TotalMinutes:0} min")
        : Text($"{time.TotalHours:0.0} h");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
