namespace Attune.Cli;

/// <summary>Files that commands write.</summary>
internal static class OutputFile
{
    /// <summary>Refuses to write over something that is there.</summary>
    /// <exception cref="OptionsException">The file or a folder of that name exists, or its folder does not.</exception>
    public static void CheckFree(string path, bool force)
    {
        if (Directory.Exists(path)) throw new OptionsException($"--out: '{path}' is a folder; name a file.");
        if (File.Exists(path) && !force) throw new OptionsException($"--out: The file '{path}' exists already. Choose another name, or overwrite it with --force.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null && !Directory.Exists(folder)) throw new OptionsException($"--out: There is no folder '{Path.GetDirectoryName(path)}'. Make it first, or choose another.");
    }
}
