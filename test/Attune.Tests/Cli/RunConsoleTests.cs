using Attune.Cli;
using Attune.Runs;
using Attune.Tests.Runs;
using Attune.Training;

namespace Attune.Tests.Cli;

public sealed class RunConsoleTests
{
    [Fact]
    public void A_run_resumed_after_its_best_epoch_is_told_without_it()
    {
        using var folder = TestFiles.Folder();
        var result = FineTuning.Run(SmallTables.Quick(folder.Write("table.csv", SmallTables.Binary(120)), "label", Path.Combine(folder.Path, "run")));
        var console = new RunConsole(quiet: true, json: false, verbose: false);
        console.Epoch(new EpochReport(3, 40, 0.5, 0.6, 0.6, IsBest: false, 1e-3, null));
        console.Finish(result);
    }
}
