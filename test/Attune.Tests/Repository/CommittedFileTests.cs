using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Attune.Tests.Repository;

public partial class CommittedFileTests
{
    [Fact]
    public void No_file_names_a_place_outside_the_repository()
    {
        var files = Tracked();
        Assert.SkipWhen(files.Count == 0, "no git repository here");
        var found =
            from file in files
            let path = Path.Combine(Sources.Root, file)
            where File.Exists(path) && !Binary(path)
            from line in File.ReadLines(path).Select((text, i) => (Text: text, Number: i + 1))
            where Outside().IsMatch(line.Text)
            select $"{file}:{line.Number}: {Outside().Match(line.Text).Value}";
        Assert.Empty(found);
    }

    // The pattern is built so that this file does not match it.
    [GeneratedRegex(@"\.\./shared\b|(?<![\w.])/work[/]\w|/root[/]\.|api\.nuget[.]org|registry\.npmjs[.]org|deb\.debian[.]org|pypi[.]org|files\.pythonhosted[.]org|packages\.microsoft[.]com")]
    private static partial Regex Outside();

    private static bool Binary(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> head = stackalloc byte[4096];
        return head[..stream.Read(head)].Contains((byte)0);
    }

    private static List<string> Tracked()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-c", "safe.directory=*", "-C", Sources.Root, "ls-files"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var list = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
