using System.CommandLine;
using Attune.Evaluation;
using Attune.Reports;
using Attune.Runs;

namespace Attune.Cli.Commands;

/// <summary><c>attune report</c>: writes a run's page anew and says where it is.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string> Run = new("run") { Description = "Run folder" };

    public static Command Create()
    {
        var command = new Command("report", "Write the HTML report of a run and print its verdict") { Run };
        command.SetAction(Execute);
        return command;
    }

    private static int Execute(ParseResult parse)
    {
        var folder = RunFolder.Open(parse.GetValue(Run)!);
        if (!folder.IsComplete) throw new DataFormatException(folder.Path, null, null, $"The run is not complete. Finish it with `attune tune --resume {folder.Path}`.");
        using (var pictures = HeldOutPictures.Of(folder)) AtomicFile.WriteAllText(folder.ReportFile, HtmlReport.Create(folder, pictures is null ? null : pictures.Thumbnail));
        var verdict = Verdict.FromJson(File.ReadAllText(folder.VerdictFile));
        Console.Out.WriteLine($"{verdict.Word.ToUpperInvariant()}: {verdict.Sentence}");
        foreach (var sentence in verdict.SimpleSentences) Console.Out.WriteLine(sentence);
        if (verdict.Forgetting is { } forgetting) Console.Out.WriteLine(forgetting.Sentence);
        Console.Out.WriteLine($"report    {folder.ReportFile}");
        return ExitCodes.Good;
    }
}
