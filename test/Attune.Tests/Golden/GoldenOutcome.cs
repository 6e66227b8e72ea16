namespace Attune.Tests.Golden;

<<<<<<< HEAD
public sealed record GoldenOutcome(string Case, string Status /*passed|failed|pending*/, string Detail);
=======
/// <summary>What became of one golden case.</summary>
/// <param name="Case">Folder, file and name of the case.</param>
/// <param name="Status">passed, failed or pending.</param>
/// <param name="Detail">Why it failed or waits; "" when it passed.</param>
public sealed record GoldenOutcome(string Case, string Status, string Detail);
>>>>>>> data
