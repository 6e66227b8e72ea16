using System.Text.RegularExpressions;

namespace Attune.Tests.Repository;

/// <summary>Calls that the libraries must not make: console, clock, hidden randomness, process and collector control, blocking on tasks.</summary>
public partial class BannedCallTests
{
    private static readonly (Regex Pattern, string Why, string[] Allowed)[] Banned =
    [
        (ConsoleCall(), "the library does not print: results are values, progress goes to callbacks", []),
        (Clock(), "time comes in as a TimeProvider", []),
        (HiddenRandom(), "randomness is addressed by seed and place (Philox)", []),
        (TorchSeed(), "libtorch is seeded in one file", ["src/Attune/Engines/Torch/TorchSeed.cs"]),
        (Collector(), "what must be freed is disposed", []),
        (Exit(), "the host decides when a process ends", []),
        (Blocking(), "a blocked task can deadlock its caller", []),
    ];

    [Fact]
    public void Libraries_make_no_banned_call()
    {
        var found =
            from file in Sources.CSharp("src/Attune").Concat(Sources.CSharp("src/Attune.Core"))
            from line in file.Lines.Select((text, i) => (Text: CommentOrString().Replace(text, ""), Number: i + 1))
            from rule in Banned
            where rule.Pattern.IsMatch(line.Text) && !rule.Allowed.Contains(file.Path)
            select $"{file.Path}:{line.Number}: {line.Text.Trim()} — {rule.Why}";
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("Console.WriteLine(1);")]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = DateTimeOffset.Now;")]
    [InlineData("var r = new Random();")]
    [InlineData("Random.Shared.Next()")]
    [InlineData("torch.manual_seed(1);")]
    [InlineData("GC.Collect();")]
    [InlineData("Environment.Exit(1);")]
    [InlineData("task.GetAwaiter().GetResult();")]
    public void The_patterns_find_what_they_are_for(string line) => Assert.Contains(Banned, b => b.Pattern.IsMatch(line));

    [Theory]
    [InlineData("// Console.WriteLine prints")]
    [InlineData("throw new X(\"Console.Write\");")]
    [InlineData("var console = myConsole.Width;")]
    public void Comments_strings_and_longer_names_are_left_alone(string line) =>
        Assert.DoesNotContain(Banned, b => b.Pattern.IsMatch(CommentOrString().Replace(line, "")));

    [GeneratedRegex("""\$?@?"(?:[^"\\]|\\.)*"|//.*""")]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"(?<![\w.])(?:System\.)?Console\.\w")]
    private static partial Regex ConsoleCall();

    [GeneratedRegex(@"\bDateTime(?:Offset)?\.(?:Now|UtcNow|Today)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\bRandom\.Shared\b|\bnew\s+(?:System\.)?Random\s*\(\s*\)")]
    private static partial Regex HiddenRandom();

    [GeneratedRegex(@"\bmanual_seed\b")]
    private static partial Regex TorchSeed();

    [GeneratedRegex(@"\bGC\.(?:Collect|WaitForPendingFinalizers)\b")]
    private static partial Regex Collector();

    [GeneratedRegex(@"\bEnvironment\.(?:Exit|FailFast)\b")]
    private static partial Regex Exit();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(\)|\b[Tt]ask\w*\.(?:Result|Wait\()")]
    private static partial Regex Blocking();
}
