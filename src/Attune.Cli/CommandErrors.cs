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
        var command = parse.CommandResult;
        var known = new List<string>();
        for (SymbolResult? at = command; at is CommandResult result; at = at.Parent)
        {
            known.AddRange(result.Command.Options.Select(o => o.Name));
            if (at == command) known.AddRange(result.Command.Subcommands.Select(c => c.Name));
        }
        foreach (var token in parse.UnmatchedTokens)
        {
            var hint = NearestName.Hint(token, known);
            if (hint.Length == 0 && NearestName.Hint(token.TrimStart('-'), OptionsReader.Paths) is { Length: > 0 } option) hint = option + " Set it with --set.";
            Console.Error.WriteLine($"error: '{token}' is not known to `attune {command.Command.Name}`.{hint}");
        }
        if (parse.UnmatchedTokens.Count == 0)
        {
            foreach (var error in parse.Errors) Console.Error.WriteLine("error: " + error.Message);
        }
        Console.Error.WriteLine($"`./attune {(command.Command is RootCommand ? "" : command.Command.Name + " ")}--help` shows what it understands.");
        return ExitCodes.BadOptionsOrData;
    }
}
