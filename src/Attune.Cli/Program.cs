using System.CommandLine;
using System.Globalization;
using Attune.Cli;
using Attune.Cli.Commands;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

var root = new RootCommand("Attune: fine-tune models in .NET and prove whether they got better.")
{
    CommonOptions.Quiet,
    CommonOptions.Json,
    CommonOptions.Verbose,
    TuneCommand.Create(),
    PredictCommand.Create(),
    EvaluateCommand.Create(),
    ExportCommand.Create(),
    ReportCommand.Create(),
    InspectCommand.Create(),
    PullCommand.Create(),
    ListCommand.Create(),
    SchemaCommand.Create(),
    SelfTestCommand.Create(),
    DoctorCommand.Create(),
};
var parse = root.Parse(args);
if (parse.Errors.Count > 0) return CommandErrors.Print(parse);
try
{
    return parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception error)
{
    if (parse.GetValue(CommonOptions.Verbose)) Console.Error.WriteLine(error);
    return CommandErrors.Print(error);
}
