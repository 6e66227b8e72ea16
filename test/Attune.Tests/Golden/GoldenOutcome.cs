namespace Attune.Tests.Golden;

/// <summary>What became of one golden case.</summary>
/// <param name="Case">Folder and name.</param>
/// <param name="Status"><c>passed</c>, <c>failed</c>, or <c>pending</c> for a kind or setting that does not exist yet.</param>
/// <param name="Detail">Why it failed or is pending; "" when it passed.</param>
public sealed record GoldenOutcome(string Case, string Status, string Detail)
{
    /// <summary>Runs a case: null is passed, a text is the failure; a <see cref="NotImplementedException"/> makes it pending.</summary>
    public static GoldenOutcome Of(string name, Func<string?> run)
    {
        try
        {
            return run() is { } failure ? new(name, "failed", failure) : new(name, "passed", "");
        }
        catch (NotImplementedException e)
        {
            return new(name, "pending", e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(name, "failed", $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>Null when all values lie within the tolerance, else the largest difference.</summary>
    public static string? Compare(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double absolute, double relativeToLargest = 0)
    {
        if (expected.Length != actual.Length) return $"{what}: {actual.Length} values, expected {expected.Length}";
        double largest = 0, worst = 0;
        foreach (var value in expected) largest = Math.Max(largest, Math.Abs(value));
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs((double)expected[i] - actual[i]);
            if (double.IsNaN(difference)) return $"{what}: {actual[i]} at {i}, expected {expected[i]}";
            worst = Math.Max(worst, difference);
        }
        var limit = absolute + relativeToLargest * largest;
        return worst <= limit ? null : FormattableString.Invariant($"{what}: off by {worst:g3}, allowed {limit:g3}");
    }

    /// <summary>The same for one number.</summary>
    public static string? Compare(string what, double expected, double actual, double relative)
        => Math.Abs(expected - actual) <= relative * Math.Max(Math.Abs(expected), 1e-30) ? null : FormattableString.Invariant($"{what}: {actual:g9}, expected {expected:g9}");
}
