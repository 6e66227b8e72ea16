using System.CommandLine;

namespace Attune.Cli;

/// <summary>Options that every command understands.</summary>
internal static class CommonOptions
{
    public static Option<bool> Quiet { get; } = new("--quiet") { Description = "Print results only, no progress", Recursive = true };

    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON on standard output", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Print times of phases, and stack traces of errors", Recursive = true };
}
