namespace Attune.Data;

/// <summary>What a column holds.</summary>
public enum ColumnKind
{
    /// <summary>Real numbers: a feature.</summary>
    Numeric,

    /// <summary>Words or codes from a list: a feature.</summary>
    Category,

    /// <summary>Two words such as true and false: a feature, encoded as a category.</summary>
    Boolean,

    /// <summary>Points in time: a feature, Unix milliseconds.</summary>
    Date,

    /// <summary>Free text: left out of tabular models.</summary>
    Text,

    /// <summary>A different value in (nearly) every row: left out.</summary>
    Identifier,

    /// <summary>One value in every row: left out.</summary>
    Constant,

    /// <summary>No value in any row: left out.</summary>
    Empty,
}

/// <summary>One column's name and kind, as inferred or as the user said.</summary>
/// <param name="Name">Name in the header.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Reason">Why, in words for a person ("569 distinct values in 569 rows").</param>
public sealed record ColumnSchema(string Name, ColumnKind Kind, string Reason)
{
    /// <summary>True for kinds that a tabular model uses.</summary>
    public bool IsFeature => Kind is ColumnKind.Numeric or ColumnKind.Category or ColumnKind.Boolean or ColumnKind.Date;
}
