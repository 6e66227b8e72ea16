namespace Attune.Text;

/// <summary>What becomes of the delimiter when a text is split at it; for <c>the-final--countdown</c> at <c>-</c>:</summary>
internal enum SplitBehavior
{
    /// <summary>the · final · countdown</summary>
    Removed,

    /// <summary>the · - · final · - · - · countdown</summary>
    Isolated,

    /// <summary>the- · final- · - · countdown</summary>
    MergedWithPrevious,

    /// <summary>the · -final · - · -countdown</summary>
    MergedWithNext,

    /// <summary>the · - · final · -- · countdown</summary>
    Contiguous,
}
