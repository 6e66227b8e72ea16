using Attune.Data;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;

namespace Attune.Runs;

/// <summary>Finds the test rows of a finished run again, for receipts.</summary>
public static class HeldOutRows
{
    /// <summary>The test rows with the model's columns.</summary>
    /// <exception cref="DataFormatException">The data are no longer where they were, or have changed: name rows with --data.</exception>
    public static Table Of(string run, ModelFolder model)
    {
        if (!RunFolder.Exists(run)) throw new DataFormatException(run, null, null, "is a model folder without its run, so its test rows are not known. Name rows to prove the export on with --data FILE.");
        var folder = RunFolder.Open(run);
        var options = RunRecord.ReadOptions(folder);
        var path = options.Data.Test ?? options.Data.Path!;
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, $"The data of {run} are no longer there. Name rows to prove the export on with --data FILE.");
        var rows = TableReader.Read(path, new TableReadOptions { Expect = model.Columns, MissingWords = options.Data.Missing });
        if (options.Data.Test is not null) return rows;
        var split = SplitReport.FromJson(File.ReadAllText(folder.SplitFile));
        if (split.Rows != rows.Rows) throw new DataFormatException(path, null, null, $"has {rows.Rows} rows; the run was made with {split.Rows}. Name rows to prove the export on with --data FILE.");
        return rows.Select(split.RowsOf(2));
    }
}
