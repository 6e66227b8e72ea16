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
            if (run.Start?.HuggingFace is not { } source || run.Inputs is not TextInputs inputs) return Without("PEFT's adapters stand beside a Hugging Face folder of texts, and this run started from something else.");
            if (source is { Adapter: not null, Additions: null }) return Without("this run started from an adapter merged into its base, and what it added stands beside that. Export with --format safetensors and start from there.");
            if (run.Task is not (Classification or MultiLabelClassification or Regression or TokenClassification or SentenceEmbedding)) return Without($"adapters are written for classes, numbers, tags and vectors; this is {run.Task.Name}.");
            if (run.Task is Regression { IsLogarithmic: true }) return Without("upstream's regression head has no logarithm, which this model's loss puts behind it.");
            if (run.Options.Model.HeadAt is not null) return Without("model.head-at put a head where upstream's network has none.");
            var upstream = UpstreamHead.WeightsOf(merged, run.Task);
            var whole = run.Trainable.Select(t => t.Name).Where(n => !run.Method.Added.Contains(n)).Concat(HeadOf(run)).Concat(Held(run, source)).Distinct(StringComparer.Ordinal);
            var adapter = PeftAdapter.Of(form, run.Network, run.Method.Original, upstream, whole, BaseOf(run, source), run.Task switch { TokenClassification => "TOKEN_CLS", SentenceEmbedding => "FEATURE_EXTRACTION", _ => "SEQ_CLS" });
            AdapterFolder.Write(Path.Combine(folder, Folder), adapter, run.Task, inputs);
            return new JsonObject { ["folder"] = $"model/{Folder}", ["baseSha256"] = adapter.BaseSha256 };
        }
        catch (OptionsException e) { return Without(e.Message); }
    }

    private static JsonObject Without(string reason) => new() { ["reason"] = reason };

    // As the user named it where that is upstream's folder; a run that was pre-trained here has one inside.
    private static string BaseOf(PreparedRun run, HuggingFaceStart source)
    {
        if (source.Adapter is { } earlier) return earlier.Adapter.Config.BaseModel ?? earlier.Base;
        var given = run.Options.Model.Path!;
        return ModelFiles.KindOf(ModelPath.Resolve(given)) == ModelFileKind.TextFolder ? given : source.Folder;
    }

    // What an adapter held whole that the run started from does not stand in the base either.
    private static IEnumerable<string> Held(PreparedRun run, HuggingFaceStart source)
        => source.Adapter is not { } earlier ? [] : earlier.Adapter.WholeNames.Where(run.Method.Original.Weights.Contains);

    private static IEnumerable<string> HeadOf(PreparedRun run)
        => run.Method.Original.Weights.All.Where(w => w.Role == Weights.WeightRole.Parameter && (w.Name.StartsWith("classifier.", StringComparison.Ordinal) || w.Name.StartsWith("score.", StringComparison.Ordinal))).Select(w => w.Name);
}
