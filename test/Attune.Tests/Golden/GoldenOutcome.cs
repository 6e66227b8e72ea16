namespace Attune.Tests.Golden;

public sealed record GoldenOutcome(string Case, string Status /*passed|failed|pending*/, string Detail);
