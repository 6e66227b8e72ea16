using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Texts of which every word has a tag (<see cref="TokenTable"/>).</summary>
internal sealed class TokenData : FileData
{
    private readonly TextInputs _inputs;

    private TokenData(RunOptions options, TextInputs inputs, Table rows, Table? validation, Table? test) : base(options, rows, validation, test)
        => _inputs = inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> Features => _inputs.TextColumns;

    /// <summary>Whether a run tags words: what the options say, else what the earlier model does.</summary>
    /// <exception cref="OptionsException">The options contradict each other, the model or its data.</exception>
    public static bool Is(RunOptions options, StartingModel? start)
    {
        var continues = start?.Folder?.Task is TokenClassification;
        if (options.Data.Task != TokenClassification.TaskName && !(continues && options.Data.Task == "auto"))
            return continues ? throw new OptionsException($"data.task: {start!.Path} tags words, which {options.Data.Task} does not. Leave --task out, or start from the encoder that it was made of.") : false;
        if (start?.Text is null) throw new OptionsException($"model.path: {options.Model.Path} reads no text, so it cannot tag words. Name a Hugging Face folder of a text encoder, or an ONNX file with its tokenizer.");
        if (options.Data.Target is not (null or TokenClassification.TagsColumn)) throw new OptionsException($"data.target: tagged texts have their tags in \"tags\" or \"entities\"; leave --target out (got '{options.Data.Target}').");
        if (options.Text.Columns.Count > 0) throw new OptionsException("text.columns: tagged texts have their words in \"tokens\" or \"text\"; leave --text out.");
        return true;
    }

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="start">A model of texts.</param>
    /// <param name="notes">Receives what a user should know.</param>
    /// <exception cref="DataFormatException">A line cannot be read, or every word has the same tag.</exception>
    public static TokenData Read(RunOptions options, StartingModel start, List<string> notes)
    {
        var settings = start.Text!.Settings;
        var fields = new Dictionary<string, TokenField>(settings.Fields, StringComparer.Ordinal) { [TextSettings.SelectedName] = TokenField.Selected };
        settings = settings with { MaxLength = TextData.LengthOf(options, start), Fields = fields };
        var inputs = new TextInputs(start.Text.Tokenizer, [new ColumnSchema(TokenColumns.Text, ColumnKind.Text, "the text")], settings);
        Table Of(string path)
        {
            var table = TokenTable.Read(path, inputs.Tokenizer, settings.MaxLength, labelled: true);
            notes.AddRange(table.Notices.Select(n => $"{path}: {n}"));
            return table;
        }
        var rows = Of(options.Data.Path!);
        var tags = TagsOf(rows);
        if (tags.Count < 2)
        {
            throw new DataFormatException(rows.Source, null, TokenColumns.Tags, $"Every word has the tag '{tags.First()}'; there is nothing to learn. "
                + "Entities stand in \"entities\" beside \"text\", or as B-TYPE and I-TYPE in \"tags\" beside \"tokens\".");
        }
        return new TokenData(options, inputs, rows, options.Data.Validation is { } v ? Of(v) : null, options.Data.Test is { } t ? Of(t) : null);
    }

    /// <summary>Rows are divided so that every kind of tag keeps its share.</summary>
    public static TargetChoice Target => new([TokenColumns.Types], true, TokenColumns.TypeSeparator);

    /// <summary>The tags of all rows: the starting model's where it knows them all, else in the usual order.</summary>
    public TokenClassification TaskFor(StartingModel start)
    {
        var tags = TagsOf(Rows);
        if (start.Folder?.Task is TokenClassification known && tags.IsSubsetOf(known.Tags)) return known;
        return start.Folder is null && start.Labels.Count > 1 && start.Labels.Distinct(StringComparer.Ordinal).Count() == start.Labels.Count && tags.IsSubsetOf(start.Labels)
            ? new TokenClassification(start.Labels)
            : new TokenClassification(TokenClassification.Sort(tags));
    }

    private static HashSet<string> TagsOf(Table rows) => ((TextColumn)rows[TokenColumns.Tags]).Dictionary.SelectMany(Attune.Text.WordList.Read).ToHashSet(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override Func<int, Evaluation.RowView> View(Table rows) => Evaluation.RowView.Of(rows, [TokenColumns.Text]);

    /// <inheritdoc/>
    public override ModelInputs Fit(TrainSplit train) => _inputs;

    /// <inheritdoc/>
    public override EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes)
    {
        var rows = TableOf(splits, part);
        var text = (TextInputs)inputs;
        var sequences = text.Tokenize(rows, out _);
        var targets = task.Encode(rows);
        if (sequences.SelectedStarts is not { } starts || !starts.AsSpan().SequenceEqual(targets.RowStarts)) throw new OptionsException("objective.teacher: the teacher's tokenizer cuts other words than this model's. Take a teacher of the same family.");
        if (part == SplitPart.Train) notes.Add(string.Create(CultureInfo.InvariantCulture, $"{targets.Rows:N0} words in {rows.Rows:N0} training texts."));
        return new EncodedSet(rows.Rows, text.InputsOf(sequences), targets, starts);
    }
}
