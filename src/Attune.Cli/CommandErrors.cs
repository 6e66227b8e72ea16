using System.CommandLine;
using System.CommandLine.Parsing;
using Attune.Options;

namespace Attune.Cli;

/// <summary>One paragraph on standard error for everything that goes wrong, and the exit code that belongs to it.</summary>
internal static class CommandErrors
{
    public static int Print(Exception error)
    {
        Console.Error.WriteLine("error: " + error.Message);
        switch (error)
        {
            case OptionsException or DataFormatException or WeightsException:
                return ExitCodes.BadOptionsOrData;
            case TrainingException or IOException or UnauthorizedAccessException:
                return ExitCodes.Failed;
            default:
                Console.Error.WriteLine($"This is an unexpected failure ({error.GetType().Name}). Run the command again with --verbose for the stack trace, and please report it.");
                return ExitCodes.Failed;
        }
    }

    /// <summary>Wrong words on the command line: all of them, each with the nearest known one.</summary>
    public static int Print(ParseResult parse)
    {
        var messages = parse.UnmatchedTokens.Where(t => t.StartsWith('-') || parse.CommandResult.Command is RootCommand).Select(t => Unknown(t, parse.CommandResult)).Concat(parse.Errors.Select(e => e.Message)).ToList();
        // Values that follow an unknown option are unmatched, too: told once, by the option.
        if (messages.Any(m => m.Contains("is not known", StringComparison.Ordinal))) messages.RemoveAll(m => !m.Contains("is not known", StringComparison.Ordinal) && !m.Contains("is required", StringComparison.Ordinal));
        foreach (var message in messages.Distinct()) Console.Error.WriteLine("error: " + message);
        var command = parse.CommandResult.Command;
        Console.Error.WriteLine($"`./attune {(command is RootCommand ? "" : command.Name + " ")}--help` shows what it understands.");
        return ExitCodes.BadOptionsOrData;
    }

    /// <summary>One unknown option, with the nearest known one.</summary>
    public static string Unknown(string token, SymbolResult at)
    {
        var known = new List<string>();
        var command = at as CommandResult;
        for (SymbolResult? symbol = at; symbol is not null; symbol = symbol.Parent)
        {
            if (symbol is not CommandResult result) continue;
            command ??= result;
            known.AddRange(result.Command.Options.Select(o => o.Name));
            if (!token.StartsWith('-')) known.AddRange(result.Command.Subcommands.Select(c => c.Name));
        }
        var hint = NearestName.Hint(token, known);
        if (hint.Length == 0 && NearestName.Find(token.TrimStart('-'), OptionsReader.Paths) is { } path) hint = $" Did you mean --set {path}=VALUE?";
        return $"'{token}' is not known to `{(command?.Command is null or RootCommand ? "attune" : "attune " + command.Command.Name)}`.{hint}";
    }
}
