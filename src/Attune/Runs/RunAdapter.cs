using System.Text.Json.Nodes;
using Attune.Export;
using Attune.Graphs;
using Attune.Hub;
using Attune.Methods;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Keeps what a method added beside the merged model, in PEFT's form, so that it can be exported, continued, and switched over its base.</summary>
internal static class RunAdapter
{
    /// <summary>Name of the folder inside the model folder.</summary>
    public const string Folder = "adapter";

    /// <summary>Writes the adapter of a run; what <c>run.json</c> says of it, or null for a method that adds nothing.</summary>
    /// <param name="run">The run.</param>
    /// <param name="merged">The network that is delivered.</param>
    /// <param name="folder">The model folder.</param>
    public static JsonObject? Write(PreparedRun run, Graph merged, string folder)
    {
        try
        {
            if (run.Method.Peft() is not { } form) return null;
            var source = run.Start?.HuggingFace;
            if (!(source is not null && run.Inputs is TextInputs) && !(run.Start?.Vision is not null && run.Inputs is ImageInputs)) return Without("PEFT's adapters stand beside a Hugging Face folder of texts or a checkpoint of pictures, and this run started from something else.");
            if (source is { Adapter: not null, Additions: null }) return Without("this run started from an adapter merged into its base, and what it added stands beside that. Export with --format safetensors and start from there.");
            if (run.Task is Regression { IsLogarithmic: true }) return Without("upstream's regression head has no logarithm, which this model's loss puts behind it.");
            if (run.Options.Model.HeadAt is not null) return Without("model.head-at put a head where upstream's network has none.");
            var upstream = UpstreamHead.WeightsOf(merged, run.Task);
            List<string> whole = [.. run.Trainable.Select(t => t.Name).Where(n => !run.Method.Added.Contains(n)).Concat(HeadOf(run)).Concat(Held(run, source)).Distinct(StringComparer.Ordinal)];
            if (whole.FirstOrDefault(n => run.Method.Original.Weights[n].Aliases.Count > 0) is { } shared)
                return Without($"'{shared}' trained, which two modules share, and PEFT would hold one of them. Freeze it (--freeze '{shared}') and what else the head of words has.");
            var adapter = PeftAdapter.Of(form, run.Network, run.Method.Original, upstream, whole, source is null ? run.Options.Model.Path! : BaseOf(run, source), TypeOf(run)) with { BaseSettings = source?.Model.Config.Deciding ?? AdapterBase.SettingsOf(run.Start!.Vision!) };
            AdapterFolder.Write(Path.Combine(folder, Folder), adapter, run.Task, run.Inputs, source is null ? run.Options.Model.Name : null);
            return new JsonObject { ["folder"] = $"model/{Folder}", ["baseSha256"] = adapter.BaseSha256 };
        }
        catch (OptionsException e) { return Without(e.Message); }
    }

    // PEFT has no word for pictures, and none for hidden words.
    private static string? TypeOf(PreparedRun run) => run.Inputs is ImageInputs ? null : run.Task switch
    {
        MaskedLanguageModel => null,
        QuestionAnswering => "QUESTION_ANS",
        SentenceEmbedding => "FEATURE_EXTRACTION",
        TokenClassification => "TOKEN_CLS",
        _ => "SEQ_CLS",
    };

    private static JsonObject Without(string reason) => new() { ["reason"] = reason };

    // As the user named it where that is upstream's folder; a run that was pre-trained here has one inside.
    private static string BaseOf(PreparedRun run, HuggingFaceStart source)
    {
        if (source.Adapter is { } earlier) return earlier.Adapter.Config.BaseModel ?? earlier.Base;
        var given = run.Options.Model.Path!;
        return ModelFiles.KindOf(ModelPath.Resolve(given)) == ModelFileKind.TextFolder ? given : source.Folder;
    }

    // What an adapter held whole that the run started from does not stand in the base either.
    private static IEnumerable<string> Held(PreparedRun run, HuggingFaceStart? source)
        => source?.Adapter is not { } earlier ? [] : earlier.Adapter.WholeNames.Where(run.Method.Original.Weights.Contains);

    private static IEnumerable<string> HeadOf(PreparedRun run)
        => run.Method.Original.Weights.All.Where(w => w.Role == Weights.WeightRole.Parameter && (w.Name.StartsWith("classifier.", StringComparison.Ordinal) || w.Name.StartsWith("score.", StringComparison.Ordinal) || w.Name.StartsWith("qa_outputs.", StringComparison.Ordinal))).Select(w => w.Name);
}
