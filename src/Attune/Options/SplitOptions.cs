namespace Attune.Options;

/// <summary>How rows are divided; given files (data.test, data.validation) take the place of the shares. The seed is training.seed.</summary>
public sealed record SplitOptions
{
    /// <summary>Share of all rows that becomes the test split, in (0, 1). Default 0.2.</summary>
    public double Test { get; init; } = 0.2;

    /// <summary>Share of the other rows that becomes the validation split, in (0, 1). Default 0.2: 64/16/20, or 80/20 beside a test file.</summary>
    public double Validation { get; init; } = 0.2;

    /// <summary>A column whose equal values keep rows in one part (a patient, a shop); it is not learned from. Parts come near to their shares of rows and classes. Default none.</summary>
    public string? Group { get; init; }

    /// <summary>A column of dates or numbers: the latest rows are the test split, those before them the validation split, as the model will be used. Default none.</summary>
    public string? Time { get; init; }

    internal void Validate(Problems problems)
    {
        if (!(Test is > 0 and < 1)) problems.Add("split.test", FormattableString.Invariant($"has to lie between 0 and 1; got {Test}."));
        if (!(Validation is > 0 and < 1)) problems.Add("split.validation", FormattableString.Invariant($"has to lie between 0 and 1; got {Validation}."));
        if (Group is not null && Time is not null) problems.Add("split.time", "contradicts split.group: the latest rows of a group would have to be in two parts. Remove one of the two.");
    }
}
