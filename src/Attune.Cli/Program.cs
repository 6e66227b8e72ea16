using System.Reflection;
using Attune.Cli;

// Placeholder until the command line stands: version and doctor.

if (args is ["doctor", ..])
{
    var report = Doctor.Examine(Environment.CurrentDirectory);
    Console.Out.WriteLine(args.Contains("--json") ? report.ToJson() : report.ToText());
    return report.Healthy ? 0 : 1;
}

Console.Out.WriteLine(typeof(Doctor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
return 0;
