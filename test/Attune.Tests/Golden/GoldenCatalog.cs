namespace Attune.Tests.Golden;

/// <summary>One runner: the files or folders it answers for, relative to the golden folder, and the function that runs their cases.</summary>
public sealed record GoldenRunner(IReadOnlyList<string> Covers, Func<string, IEnumerable<GoldenOutcome>> Run);

/// <summary>Every runner of golden cases. A file that stands in no line here counts as pending, case by case.</summary>
public static class GoldenCatalog
{
    /// <summary>The runners, alphabetical by what they cover. Lines look like <c>new(["objectives/losses.json"], ObjectivesGolden.Run),</c></summary>
    public static readonly IReadOnlyList<GoldenRunner> All =
    [
    ];
}
