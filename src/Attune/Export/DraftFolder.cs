using Attune.Options;

namespace Attune.Export;

/// <summary>A folder of an export that appears whole or not at all: it is filled and proven beside its place, then moved there.</summary>
internal static class DraftFolder
{
    /// <summary>Fills and moves a folder; nothing is left behind when that fails.</summary>
    /// <param name="folder">Its place; must not exist or be empty.</param>
    /// <param name="fill">Writes the files into the folder that it is given, and proves them.</param>
    /// <returns>What <paramref name="fill"/> returns.</returns>
    /// <exception cref="OptionsException">The place is not empty.</exception>
    public static T Write<T>(string folder, Func<string, T> fill)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()) throw new OptionsException($"--out: The folder '{folder}' is not empty. Choose another.");
        var draft = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) + $".attune-{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(draft);
            var result = fill(draft);
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(draft, folder);
            return result;
        }
        catch
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            throw;
        }
    }
}
