using Attune.Data;
using Attune.Encoding;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>The rows of a run, whatever they stand for: a table's (<see cref="FileData"/>) or pictures (<see cref="ImageData"/>).</summary>
internal abstract class RunData : IDisposable
{
    /// <summary>All rows, or those to be divided into training and what is not given apart.</summary>
    public abstract Table Rows { get; }

    /// <summary>Validation rows that were given apart, or null.</summary>
    public abstract Table? Validation { get; }

    /// <summary>Test rows that were given apart, or null.</summary>
    public abstract Table? Test { get; }

    /// <summary>Columns that make two rows the same, the target left out.</summary>
    public abstract IReadOnlyList<ColumnSchema> Features { get; }

    /// <summary>Columns that a person recognises a row by.</summary>
    public abstract Func<int, Evaluation.RowView> View(Table rows);

    /// <summary>Fits what makes inputs of rows; it sees training rows only.</summary>
    public abstract ModelInputs Fit(TrainSplit train);

    /// <summary>Encodes one split.</summary>
    /// <param name="inputs">From <see cref="Fit"/>.</param>
    /// <param name="task">Gives the targets.</param>
    /// <param name="splits">The divided rows.</param>
    /// <param name="part">Which of them.</param>
    /// <param name="notes">Receives what a user should know.</param>
    public abstract EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes);

    /// <summary>Names the graph input of a network that was built after <see cref="Fit"/>.</summary>
    public virtual void Bind(string input) { }

    /// <summary>Fingerprints by option path.</summary>
    public abstract IReadOnlyDictionary<string, DataFingerprint> Fingerprints { get; }

    /// <summary>A small JPEG of a row of the test split; null where rows are no pictures.</summary>
    public virtual Func<int, byte[]?>? Thumbnails(DataSplits splits) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of files.</summary>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>The table of a part.</summary>
    protected static Table TableOf(DataSplits splits, SplitPart part) => part switch
    {
        SplitPart.Train => splits.Train.Rows,
        SplitPart.Validation => splits.Validation,
        _ => splits.Test,
    };
}

/// <summary>The three splits.</summary>
internal enum SplitPart
{
    /// <summary>What is learned from.</summary>
    Train,

    /// <summary>What steers choices.</summary>
    Validation,

    /// <summary>What is read once.</summary>
    Test,
}
