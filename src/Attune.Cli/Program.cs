using System.CommandLine;
using System.Globalization;
using Attune;
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
catch (Exception error) when (!parse.GetValue(CommonOptions.Verbose) || error is OptionsException)
{
    return CommandErrors.Print(error);
}
