using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Methods;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Runs;

/// <summary>Everything that is decided before the first training step; a pure function of options, data and earlier model.</summary>
public sealed record PreparedRun : IDisposable
{
    /// <summary>The user's options.</summary>
    public required RunOptions Options { get; init; }

    /// <summary>The rows, divided.</summary>
    public required DataSplits Splits { get; init; }

    /// <summary>Every column of the data with its kind and reason.</summary>
    public required IReadOnlyList<ColumnSchema> Schema { get; init; }

    /// <summary>The columns the model uses.</summary>
    public required IReadOnlyList<ColumnSchema> Features { get; init; }

    /// <summary>What is learned.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>From rows to the network's inputs: fitted on the training split, or the earlier model's.</summary>
    public required ModelInputs Inputs { get; init; }

    /// <summary>Where the rows come from.</summary>
    internal RunData Data { get; init; } = null!;

    /// <summary>Encoded training rows.</summary>
    public required EncodedSet Train { get; init; }

    /// <summary>Encoded validation rows.</summary>
    public required EncodedSet Validation { get; init; }

    /// <summary>Encoded test rows.</summary>
    public required EncodedSet Test { get; init; }

    /// <summary>How the network is tuned: the graph that trains, what of it trains, and the way back to a plain graph.</summary>
    public required MethodPlan Method { get; init; }

    /// <summary>The network as training starts, adapters included.</summary>
    public Graph Network => Method.Adapted;

    /// <summary>Weights that were just made (all of a new network; the head when it was replaced).</summary>
    public required IReadOnlySet<string> Fresh { get; init; }

    /// <summary>The network before the method rewrote it; with its own head, the starting model as it came.</summary>
    public required Graph Before { get; init; }

    /// <summary>The model that is fine-tuned, or null.</summary>
    internal StartingModel? Start { get; init; }

    /// <summary>Of the teacher's weights; null without a teacher.</summary>
    public string? TeacherSha256 { get; init; }

    /// <summary>The earlier Attune model, or null.</summary>
    public ModelFolder? Earlier => Start?.Folder;

    /// <summary>The Hugging Face configuration of the network; null for networks of other kinds.</summary>
    public JsonObject? Upstream { get; init; }

    /// <summary>The engine that trains: <c>dense</c> or <c>torch</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>Threads that train.</summary>
    public required int Threads { get; init; }

    /// <summary>True when the earlier model cannot answer the task and got a new head.</summary>
    public bool HeadReplaced { get; init; }

    /// <summary>General texts, that show what was forgotten; null without them.</summary>
    internal GeneralTexts? GeneralTexts { get; init; }

    /// <summary>Learning rate of a new head over fixed vectors of texts; null for other runs.</summary>
    public double? HeadRate { get; init; }

    /// <summary>True when the new head is trained alone before the rest joins.</summary>
    public bool HeadFirst { get; init; }

    /// <summary>What trains.</summary>
    public IReadOnlyList<TrainableWeight> Trainable => Method.Trainable;

    /// <summary>Loss, optimizer, schedule, sizes.</summary>
    public required TrainingSettings Settings { get; init; }

    /// <summary>Fingerprint of each data file by option path.</summary>
    public required IReadOnlyDictionary<string, DataFingerprint> Fingerprints { get; init; }

    /// <summary>Hashes of rows that this run or an earlier one trains or validates on, and the columns they were made over.</summary>
    public required SeenRows Seen { get; init; }

    /// <summary>Sentences a user should read: dropped rows, columns left out, duplicates, unknown categories.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Lets go of the data's files.</summary>
    public void Dispose() => Data.Dispose();
}
