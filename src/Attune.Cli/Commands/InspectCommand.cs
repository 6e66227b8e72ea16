using System.CommandLine;
using Attune.Cli.Inspection;
using Attune.Hub;
using Attune.Options;
using Attune.Runs;

namespace Attune.Cli.Commands;

/// <summary><c>attune inspect</c>: what is in a table, pictures, a run, an ONNX file or a checkpoint.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string> Path = new("path") { Description = "Table, folder or list of pictures, run or model folder, .onnx file, or checkpoint (.safetensors, .pth, .pt, .bin, a folder with one, or org/name in the Hugging Face cache)" };
    private static readonly Option<string?> Missing = new("--missing") { Description = "Words that mean a missing value, separated by commas" };

    public static Command Create()
    {
        var command = new Command("inspect", "Show what is in data or a model, what can be tuned, and where a new head could stand") { Path, Missing };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = ModelPath.Resolve(parse.GetValue(Path)!);
        var found = Inspect(path, CommaList.Of(parse.GetValue(Missing)));
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(found.Json.ToJsonString(CliJson.Indented));
        else foreach (var line in found.Lines) Console.Out.WriteLine(line);
        return ExitCodes.Good;
    }

    private static Inspected Inspect(string path, string[] missing) => ModelFiles.KindOf(path) switch
    {
        ModelFileKind.Onnx => OnnxInspection.Of(path),
        ModelFileKind.Checkpoint => CheckpointInspection.Of(path),
        ModelFileKind.TextFolder => TextInspection.Of(path),
        _ when !Directory.Exists(path) => TableInspection.Of(path, missing),
        _ => IsModel(path) ? ModelInspection.Of(path) : PictureInspection.Of(path, missing),
    };

    private static bool IsModel(string path) => RunFolder.Exists(path) || File.Exists(System.IO.Path.Combine(path, "model.json"));
}
