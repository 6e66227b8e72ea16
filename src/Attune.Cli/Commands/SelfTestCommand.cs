using System.CommandLine;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;

namespace Attune.Cli.Commands;

/// <summary><c>attune selftest</c>: the checks that open every run, on a saved model and a user's rows.</summary>
internal static class SelfTestCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "Run or model folder", Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "Rows with the target column", Required = true };

    public static Command Create()
    {
        var command = new Command("selftest", "Check on your model and rows that training would be sound") { Model, Data };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var checks = ModelSelfTest.Run(parse.GetValue(Model)!, parse.GetValue(Data)!);
        if (parse.GetValue(CommonOptions.Json))
            Console.Out.WriteLine(new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["passed"] = c.Passed, ["detail"] = c.Detail })]).ToJsonString(CliJson.Indented));
        else
        {
            foreach (var check in checks) Console.Out.WriteLine($"{(check.Passed ? "passed" : "FAILED")}  {check.Name}: {check.Detail}");
        }
        return checks.All(c => c.Passed) ? ExitCodes.Good : ExitCodes.Failed;
    }
}
