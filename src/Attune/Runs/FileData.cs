using Attune.Data;
using Attune.Options;

namespace Attune.Runs;

/// <summary>Rows that were read from the files which the options name.</summary>
internal abstract class FileData(RunOptions options, Table rows, Table? validation, Table? test) : RunData
{
    /// <inheritdoc/>
    public sealed override Table Rows { get; } = rows;

    /// <inheritdoc/>
    public sealed override Table? Validation { get; } = validation;

    /// <inheritdoc/>
    public sealed override Table? Test { get; } = test;

    /// <inheritdoc/>
    public sealed override IReadOnlyDictionary<string, DataFingerprint> Fingerprints
    {
        get
        {
            var all = new Dictionary<string, DataFingerprint> { ["data.path"] = DataFingerprint.Of(Options.Data.Path!, Rows) };
            if (Test is not null) all["data.test"] = DataFingerprint.Of(Options.Data.Test!, Test);
            if (Validation is not null) all["data.validation"] = DataFingerprint.Of(Options.Data.Validation!, Validation);
            return all;
        }
    }

    /// <summary>The options of the run.</summary>
    protected RunOptions Options { get; } = options;
}
