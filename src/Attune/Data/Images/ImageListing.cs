namespace Attune.Data.Images;

/// <summary>What was found: pictures for training, or all of them, and those that lie apart for validation and test.</summary>
public sealed record ImageListing : IDisposable
{
    /// <summary>All pictures, or those of <c>train/</c>.</summary>
    public required ImageSet Data { get; init; }

    /// <summary>Pictures of <c>val/</c>, <c>valid/</c> or <c>validation/</c>; null without such a folder.</summary>
    public ImageSet? Validation { get; init; }

    /// <summary>Pictures of <c>test/</c>; null without such a folder.</summary>
    public ImageSet? Test { get; init; }

    /// <summary>What a person should know: how many files were skipped, and why.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Lists a folder of class folders, with <c>train/</c>, <c>val/</c>, <c>test/</c> on top or not, or a list (CSV, TSV, JSON Lines, Parquet) of paths or bytes.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="DataFormatException">Nothing is there, no picture, one class only, a class without pictures, a listed file is missing, or the list is malformed.</exception>
    public static ImageListing Read(string path, ImageListingOptions? options = null)
    {
        options ??= new ImageListingOptions();
        try
        {
            return Directory.Exists(path) ? ImageFolder.Read(path, options) : ImageList.Read(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, null, null, $"The pictures cannot be listed: {e.Message}", e);
        }
    }

    /// <summary>Lets go of the sources.</summary>
    public void Dispose()
    {
        Data.Source.Dispose();
        Validation?.Source.Dispose();
        Test?.Source.Dispose();
    }
}
