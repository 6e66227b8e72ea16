using System.CommandLine;

namespace Attune.Cli.Commands;

/// <summary><c>attune doctor</c>: what Attune stands on, and whether it loads.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Examine this machine: processor, native libraries, folders");
        command.SetAction(parse =>
        {
            var report = Doctor.Examine(Environment.CurrentDirectory);
            Console.Out.WriteLine(parse.GetValue(CommonOptions.Json) ? report.ToJson() : report.ToText());
            return report.Healthy ? ExitCodes.Good : ExitCodes.Failed;
        });
        return command;
    }
}
