using System.CommandLine;
using Attune.Export;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Hub;
using Attune.Prediction;
using Attune.Runs;

namespace Attune.Cli.Commands;

/// <summary><c>attune export</c>: a tuned model as a file for other programs, proven before it is kept.</summary>
internal static class ExportCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "Run or model folder", Required = true };
    private static readonly Option<string> Format = new("--format") { Description = "onnx, safetensors: a Hugging Face folder of a text model, or peft: the adapter of a run beside such a folder", DefaultValueFactory = _ => "onnx" };
    private static readonly Option<string> Out = new("--out") { Description = "File, or folder for safetensors and peft, to write", Required = true };
    private static readonly Option<int> Opset = new("--opset") { Description = "ONNX operator set, 17 to 23", DefaultValueFactory = _ => 21 };
    private static readonly Option<bool> FoldBatchNorm = new("--fold-batch-norm") { Description = "Fold BatchNormalization into the convolutions before it: a smaller file that only predicts" };
    private static readonly Option<string> Type = new("--type") { Description = "Type of weights and activations: fp32, fp16, or int8 (ONNX: 8-bit matrix products, judged by the metric before and after); for safetensors also bf16", DefaultValueFactory = _ => "fp32" };
    private static readonly Option<string?> Data = new("--data") { Description = "Rows to prove the export on (default: the run's test rows)" };
    private static readonly Option<string?> Base = new("--base") { Description = "With peft: the Hugging Face folder that the run started from, where it has moved" };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace an existing --out file" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("onnx", "safetensors", "peft");
        Type.AcceptOnlyFromAmong("fp32", "fp16", "bf16", "int8");
        var command = new Command("export", "Write a model for other programs, and prove that it predicts the same") { Model, Format, Out, Opset, FoldBatchNorm, Type, Data, Base, Force };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var (path, opset, output) = (ModelPath.Resolve(parse.GetValue(Model)!), parse.GetValue(Opset), parse.GetValue(Out)!);
        if (opset is < 17 or > 23) throw new OptionsException($"--opset: has to be 17 to 23; got {opset}.");
        if (parse.GetValue(Format) != "peft" && parse.GetValue(Base) is not null) throw new OptionsException("--base: belongs to --format peft.");
        if (parse.GetValue(Format) == "peft") return Adapter(parse, path, output);
        if (parse.GetValue(Format) == "safetensors") return HuggingFace(parse, path, output);
        if (parse.GetValue(Type) == "bf16") throw new OptionsException("--type: ONNX files are written in fp32, fp16 or int8; bf16 belongs to --format safetensors.");
        OutputFile.CheckFree(output, parse.GetValue(Force));
        var model = ModelFolder.Load(path);
        using var rows = parse.GetValue(Data) is { } data ? ModelRows.Read(model, data, labelled: false) : HeldOutRows.Of(path, model);
        var receipt = OnnxExport.Write(model, output, rows, new OnnxWriteOptions
        {
            Opset = opset,
            FoldBatchNorm = parse.GetValue(FoldBatchNorm),
            Type = parse.GetValue(Type) switch { "fp16" => DataType.Float16, "int8" => DataType.Int8, _ => DataType.Float },
        });
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(receipt.ToJsonString(CliJson.Indented));
        else if (!parse.GetValue(CommonOptions.Quiet))
        {
            Console.Out.WriteLine($"{output} written (opset {opset})");
            Console.Out.WriteLine(FormattableString.Invariant($"proven with {receipt["runtime"]} on {receipt["rows"]} rows: largest difference {receipt["largestDifference"]!.GetValue<double>():G2}; receipt {output}.receipt.json"));
            if (receipt["type"]!.GetValue<string>() == nameof(DataType.Int8)) WriteIntegers(receipt);
        }
        return ExitCodes.Good;
    }

    private static void WriteIntegers(System.Text.Json.Nodes.JsonObject receipt)
    {
        var same = (receipt["sameLabels"] ?? receipt["sameAnswers"])?.GetValue<int>();
        Console.Out.WriteLine(FormattableString.Invariant($"{receipt["bytes"]!.GetValue<long>() / 1e6:0.0} MB, the weights in fp32 {receipt["fp32Bytes"]!.GetValue<long>() / 1e6:0.0} MB")
            + (same is { } agree ? FormattableString.Invariant($"; {agree} of {receipt["questions"] ?? receipt["rows"]} {(receipt["sameLabels"] is null ? "answers" : "labels")} are the same") : "")
            + (receipt["metric"] is { } metric ? FormattableString.Invariant($"; {metric["name"]} {receipt["metricBefore"]!["value"]!.GetValue<double>():0.####} in fp32, {metric["value"]!.GetValue<double>():0.####} in int8") : ""));
        if (receipt["warning"] is { } warning) Console.Error.WriteLine("warning: " + warning.GetValue<string>());
    }

    private static int HuggingFace(ParseResult parse, string path, string output)
    {
        DemandFolder(parse, output, "safetensors", [Opset, FoldBatchNorm]);
        var model = ModelFolder.Load(path);
        using var rows = parse.GetValue(Data) is { } data ? ModelRows.Read(model, data, labelled: false) : HeldOutRows.Of(path, model);
        var card = Path.Combine(ModelFolder.Locate(path), "README.md");
        if (parse.GetValue(Type) == "int8") throw new OptionsException("--type: int8 belongs to --format onnx; safetensors is written in fp32, bf16 or fp16.");
        var type = parse.GetValue(Type) switch { "bf16" => DataType.BFloat16, "fp16" => DataType.Float16, _ => DataType.Float };
        var receipt = HuggingFaceExport.Write(model, output, rows, type, File.Exists(card) ? File.ReadAllText(card) : null);
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(receipt.ToJsonString(CliJson.Indented));
        else if (!parse.GetValue(CommonOptions.Quiet))
            Console.Out.WriteLine(FormattableString.Invariant($"{output} written for transformers\nread again and proven on {receipt["rows"]} rows: largest difference {receipt["largestDifference"]!.GetValue<double>():G2}; receipt {Path.Combine(output, HuggingFaceExport.Receipt)}"));
        return ExitCodes.Good;
    }

    private static int Adapter(ParseResult parse, string path, string output)
    {
        DemandFolder(parse, output, "peft", [Opset, FoldBatchNorm, Type]);
        var model = ModelFolder.Load(path);
        using var rows = parse.GetValue(Data) is { } data ? ModelRows.Read(model, data, labelled: false) : HeldOutRows.Of(path, model);
        var receipt = PeftExport.Write(path, model, output, rows, parse.GetValue(Base));
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(receipt.ToJsonString(CliJson.Indented));
        else if (!parse.GetValue(CommonOptions.Quiet))
            Console.Out.WriteLine(FormattableString.Invariant($"{output} written for PEFT, beside {receipt["base"]}\nattached to it again and proven on {receipt["rows"]} rows: largest difference {receipt["largestDifference"]!.GetValue<double>():G2}; receipt {Path.Combine(output, HuggingFaceExport.Receipt)}"));
        return ExitCodes.Good;
    }

    private static void DemandFolder(ParseResult parse, string output, string format, IReadOnlyList<Option> others)
    {
        foreach (var option in others.Where(o => parse.GetResult(o) is { Implicit: false })) throw new OptionsException($"{option.Name}: does not belong to --format {format}.");
        if (File.Exists(output)) throw new OptionsException($"--out: '{output}' is a file; {format} writes a folder.");
        if (!parse.GetValue(Force) || !Directory.Exists(output)) return;
        if (!File.Exists(Path.Combine(output, HuggingFaceExport.Receipt))) throw new OptionsException($"--force: '{output}' holds other things than an earlier export. Choose another folder.");
        Directory.Delete(output, recursive: true);
    }
}
