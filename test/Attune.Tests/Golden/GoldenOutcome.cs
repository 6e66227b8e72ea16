namespace Attune.Tests.Golden;

/// <summary>What became of one golden case.</summary>
/// <param name="Case">File and name, as <c>objectives/losses.json: ce</c>.</param>
/// <param name="Status"><c>passed</c>, <c>failed</c>, or <c>pending</c> for a kind or setting that Attune does not have yet.</param>
/// <param name="Detail">Why it failed or is pending; empty when passed.</param>
public sealed record GoldenOutcome(string Case, string Status, string Detail);
