using Attune.Data;

namespace Attune.Splitting;

/// <summary>
/// The rows that may be learned from. Everything that is fitted takes this type and no other, so that validation and test rows cannot leak by mistake.
/// Only the splitter makes one.
/// </summary>
public sealed class TrainSplit
{
    internal TrainSplit(Table rows) => Rows = rows;

    /// <summary>The training rows.</summary>
    public Table Rows { get; }
}
