using System.CommandLine;
using Attune.Options;

namespace Attune.Cli.Commands;

/// <summary><c>attune schema</c>: the JSON schema of the options file.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON schema of the options file");
        command.SetAction(_ => Console.Out.WriteLine(OptionsReader.Schema().ToJsonString(CliJson.Indented)));
        return command;
    }
}
