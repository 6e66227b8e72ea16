namespace Attune.Data.Images;

/// <summary>Pictures with what is known about them.</summary>
/// <param name="Table">
/// One row per picture: text column <c>path</c> (as messages name it), text column <c>content</c> (a 64-bit hash of the file's bytes, so that copies are
/// found), and <c>label</c> (the class folder) or a list's other columns.
/// </param>
/// <param name="Source">The bytes; its row i is the table's row i.</param>
public sealed record ImageSet(Table Table, ImageSource Source)
{
    /// <summary>Name of the column that holds the paths.</summary>
    public const string PathColumn = "path";

    /// <summary>Name of the column that holds the hashes of the bytes.</summary>
    public const string ContentColumn = "content";

    /// <summary>Name of the column that holds the class folders.</summary>
    public const string LabelColumn = "label";
}
