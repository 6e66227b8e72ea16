using System.Runtime.CompilerServices;

namespace Attune.Tests.Repository;

/// <summary>The repository's own files, for tests that read them.</summary>
internal static class Sources
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>C# files below a folder of the repository, as (path relative to the root with /, lines).</summary>
    public static IEnumerable<(string Path, string[] Lines)> CSharp(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => (Path.GetRelativePath(Root, f).Replace('\\', '/'), File.ReadAllLines(f)));

    private static string Find([CallerFilePath] string here = "")
    {
        foreach (var start in (string?[])[Path.GetDirectoryName(here), AppContext.BaseDirectory, Environment.CurrentDirectory])
            for (var folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
                if (File.Exists(Path.Combine(folder, "Attune.slnx"))) return folder;
        throw new InvalidOperationException("The repository's folder was not found; run the tests from inside it.");
    }
}
