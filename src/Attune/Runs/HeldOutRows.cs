using Attune.Data;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Finds the test rows of a finished run again, for receipts.</summary>
public static class HeldOutRows
{
    /// <summary>The test rows with the model's inputs and targets.</summary>
    /// <exception cref="DataFormatException">The data are no longer where they were, or have changed: name rows with --data.</exception>
    public static ModelRows Of(string run, ModelFolder model)
    {
        if (!RunFolder.Exists(run)) throw new DataFormatException(run, null, null, "is a model folder without its run, so its test rows are not known. Name rows to prove the export on with --data FILE.");
        var folder = RunFolder.Open(run);
        var options = RunRecord.ReadOptions(folder);
        var path = options.Data.Test ?? options.Data.Path!;
        if (!Path.Exists(path)) throw new DataFormatException(path, null, null, $"The data of {run} are no longer there. Name rows to prove the export on with --data FILE.");
        var isApart = options.Data.Test is not null;
        var split = SplitReport.FromJson(File.ReadAllText(folder.SplitFile));
        int[] Chosen(int rows) => isApart ? [.. Enumerable.Range(0, rows)]
            : split.Rows == rows ? split.RowsOf(2)
            : throw new DataFormatException(path, null, null, $"has {rows} rows; the run was made with {split.Rows}. Name rows to prove the export on with --data FILE.");
        if (model.Inputs is ImageInputs images)
        {
            return ModelRows.ReadImages(model, images.Preprocessing, path, labelled: true, options.Data.Missing, listing =>
            {
                if (listing.Test is not { } test || isApart) return listing.Data;
                isApart = true;   // a folder test/ beside train/
                return test;
            }, Chosen, new PictureReading { PathColumn = options.Image.PathColumn, MaxUnreadable = 1 });
        }
        var table = model is { Task: TokenClassification, Inputs: TextInputs words } ? TokenTable.Read(path, words.Tokenizer, words.Settings.MaxLength, labelled: true)
            : model.Task is QuestionAnswering ? SquadFile.Read(path, labelled: true)
            : model.Task is MaskedLanguageModel ? MaskedTextData.ReadTexts(path, model.Columns[0].Name, options.Data.Missing)
            : TableReader.Read(path, new TableReadOptions { Expect = [.. model.Columns, .. model.Task.TargetSchema], MissingWords = options.Data.Missing });
        return ModelRows.Of(model, isApart ? table : table.Select(Chosen(table.Rows)), labelled: true);
    }
}
