using System.Globalization;

namespace Attune.Data.Images;

/// <summary>A picture that cannot be read.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Name">Where it is.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
public sealed record UnreadableImage(int Row, string Name, string Reason);

/// <summary>Which pictures cannot be read, found before training.</summary>
/// <param name="Total">Pictures that were looked at.</param>
/// <param name="Items">Those that cannot be read, by row.</param>
/// <param name="Depth">How thoroughly they were looked at: headers or full.</param>
public sealed record UnreadableImages(int Total, IReadOnlyList<UnreadableImage> Items, ImageCheckDepth Depth)
{
    /// <summary>Share of the pictures that cannot be read, in [0, 1].</summary>
    public double Share => Total == 0 ? 0 : (double)Items.Count / Total;

    /// <summary>Rows of the pictures that can be read, ascending.</summary>
    public int[] ReadableRows()
    {
        var bad = Items.Select(i => i.Row).ToHashSet();
        return [.. Enumerable.Range(0, Total).Where(row => !bad.Contains(row))];
    }

    /// <summary>One sentence for a person that names the first few; null when all pictures can be read.</summary>
    public string? Notice() => Items.Count == 0 ? null
        : Invariant($"{Items.Count:N0} of {Total:N0} pictures cannot be read and {(Items.Count == 1 ? "is" : "are")} left out: {Names(5)}.");

    /// <summary>Refuses when more than <paramref name="largest"/> of the pictures cannot be read.</summary>
    /// <param name="origin">The data, as the user named it.</param>
    /// <param name="largest">Largest share that is accepted, in [0, 1).</param>
    /// <param name="option">The option that raises the limit.</param>
    /// <exception cref="DataFormatException">The share is above it; names the first pictures and the reason of the first.</exception>
    public void ThrowIfAbove(double largest, string origin, string option = "image.max-unreadable")
    {
        if (Items.Count == 0 || Share <= largest) return;
        throw new DataFormatException(origin, null, null, Invariant(
            $"{Items.Count:N0} of {Total:N0} pictures ({100 * Share:0.##} %) cannot be read; at most {100 * largest:0.##} % may be left out. They are {Names(10)}. The first: {Items[0].Reason} Restore or remove them, or raise the limit ({option})."));
    }

    private string Names(int most) => string.Join(", ", Items.Take(most).Select(i => i.Name)) + (Items.Count > most ? Invariant($" and {Items.Count - most:N0} more") : "");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
