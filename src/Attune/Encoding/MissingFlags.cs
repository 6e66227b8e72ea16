namespace Attune.Encoding;

/// <summary>Which numeric columns get a second output that tells whether the cell is missing.</summary>
public enum MissingFlags
{
    /// <summary>Columns with a missing cell in the training rows. <c>auto</c></summary>
    Auto,

    /// <summary>All. <c>always</c></summary>
    Always,

    /// <summary>None. <c>never</c></summary>
    Never,
}
