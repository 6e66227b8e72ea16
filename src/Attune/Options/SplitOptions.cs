namespace Attune.Options;

/// <summary>How rows are divided; given files (data.test, data.validation) take the place of the shares. The seed is training.seed.</summary>
public sealed record SplitOptions
{
    /// <summary>Share of all rows that becomes the test split, in (0, 1). Default 0.2.</summary>
    public double Test { get; init; } = 0.2;

    /// <summary>Share of the other rows that becomes the validation split, in (0, 1). Default 0.2: 64/16/20, or 80/20 beside a test file.</summary>
    public double Validation { get; init; } = 0.2;

    internal void Validate(Problems problems)
    {
        if (!(Test is > 0 and < 1)) problems.Add("split.test", FormattableString.Invariant($"has to lie between 0 and 1; got {Test}."));
        if (!(Validation is > 0 and < 1)) problems.Add("split.validation", FormattableString.Invariant($"has to lie between 0 and 1; got {Validation}."));
    }
}
