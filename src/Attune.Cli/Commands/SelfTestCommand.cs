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
    private static readonly Option<string> Model = new("--model") { Description = "Run or model folder, ONNX file, or checkpoint of an image network", Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "Rows with the target column, or pictures", Required = true };
    private static readonly Option<string?> Target = new("--target") { Description = "Column to predict (default: the model's, or label for pictures)" };
    private static readonly Option<string?> Method = new("--method") { Description = "What trains (see `attune list methods`; default full)" };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option of a run: section.option=value; may be repeated", AllowMultipleArgumentsPerToken = false };

    public static Command Create()
    {
        var command = new Command("selftest", "Check on your model and rows that training would be sound") { Model, Data, Target, Method, Set };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var reader = new OptionsReader();
        reader.Set("out", "(none)");
        reader.Set("model.path", parse.GetValue(Model)!);
        reader.Set("data.path", parse.GetValue(Data)!);
        if (parse.GetValue(Target) is { } target) reader.Set("data.target", target);
        if (parse.GetValue(Method) is { } method) reader.Set("method.name", method);
        foreach (var assignment in parse.GetValue(Set) ?? []) reader.Set(assignment);
        var checks = ModelSelfTest.Run(reader.Read());
        if (parse.GetValue(CommonOptions.Json))
            Console.Out.WriteLine(new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["passed"] = c.Passed, ["detail"] = c.Detail })]).ToJsonString(CliJson.Indented));
        else
        {
            foreach (var check in checks) Console.Out.WriteLine($"{(check.Passed ? "passed" : "FAILED")}  {check.Name}: {check.Detail}");
        }
        return checks.All(c => c.Passed) ? ExitCodes.Good : ExitCodes.Failed;
    }
}
