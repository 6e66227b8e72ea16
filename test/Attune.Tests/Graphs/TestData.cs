using System.Text.Json;

namespace Attune.Tests.Graphs;

/// <summary>Places of golden and broken files, and a folder for scratch files.</summary>
internal static class TestData
{
    public static string Root { get; } = FindRoot();

    public static string Golden(string folder) => Path.Combine(Environment.GetEnvironmentVariable("ATTUNE_GOLDEN") ?? Path.Combine(Root, "test/golden"), folder);

    public static string Bad(string file) => Path.Combine(Root, "test/data/bad", file);

    /// <summary>Broken files of one kind that must be refused.</summary>
    public static TheoryData<string> BadFiles(string kind)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Bad("expected.json")));
        return [.. json.RootElement.GetProperty("files").EnumerateArray()
            .Where(f => f.GetProperty("kind").GetString() == kind && f.GetProperty("expect").GetString() == "reject")
            .Select(f => f.GetProperty("file").GetString()!)];
    }

    /// <summary>A fresh folder that goes with the returned handle.</summary>
    public static Scratch NewFolder() => new();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Attune.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Attune.slnx not found.");
        return folder;
    }

    internal sealed class Scratch : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("attune-test-").FullName;

        public string File(string name) => Path.Combine(Folder, name);

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
