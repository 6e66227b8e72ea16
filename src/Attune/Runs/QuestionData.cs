using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Runs;

/// <summary>Questions about texts (<see cref="SquadFile"/>).</summary>
internal sealed class QuestionData : FileData
{
    private const int UsualLength = 384;   // of transformers' question answering script

    private readonly TextInputs _inputs;

    private QuestionData(RunOptions options, TextInputs inputs, Table rows, Table? validation, Table? test) : base(options, rows, validation, test)
        => _inputs = inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> Features { get; } = [new(QuestionColumns.Question, ColumnKind.Text, "the question"), new(QuestionColumns.Context, ColumnKind.Text, "its text")];

    /// <summary>Questions about one text stay in one part.</summary>
    public static SplitTarget ForSplit => SplitTarget.Together([QuestionColumns.Context]);

    /// <summary>Whether a run answers questions: what the options say, else what the earlier model does.</summary>
    /// <exception cref="OptionsException">The options contradict each other or the model.</exception>
    public static bool Is(RunOptions options, StartingModel? start)
    {
        var continues = start?.Folder?.Task is QuestionAnswering;
        if (options.Data.Task != QuestionAnswering.TaskName && !(continues && options.Data.Task == "auto"))
            return continues ? throw new OptionsException($"data.task: {start!.Path} answers questions, which {options.Data.Task} does not. Leave --task out, or start from the encoder that it was made of.") : false;
        if (start is null || (start.HuggingFace is null && !continues)) throw new OptionsException($"model.path: {options.Model.Path} cannot answer questions. Name a Hugging Face folder of a text encoder, or a run of --task mlm.");
        if (options.Data.Target is not null) throw new OptionsException($"data.target: answers stand in the file beside their questions; leave --target out (got '{options.Data.Target}').");
        if (options.Text.Columns.Count > 0) throw new OptionsException("text.columns: questions and texts have their places in the file; leave --text out.");
        return true;
    }

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="start">A text encoder.</param>
    /// <param name="notes">Receives what a user should know.</param>
    public static QuestionData Read(RunOptions options, StartingModel start, List<string> notes)
    {
        var settings = start.Text!.Settings;
        var length = TextData.LengthOf(options, start);
        if (options.Text.MaxLength is null && start.Folder is null) length = Math.Min(length, UsualLength);
        var inputs = new TextInputs(start.Text.Tokenizer, [new ColumnSchema(QuestionColumns.Question, ColumnKind.Text, "the question"), new ColumnSchema(QuestionColumns.Context, ColumnKind.Text, "its text")], settings with { MaxLength = length });
        Table Of(string path)
        {
            var table = SquadFile.Read(path, labelled: true);
            notes.AddRange(table.Notices.Select(n => $"{path}: {n}"));
            return table;
        }
        var rows = Of(options.Data.Path!);
        if (!HasAnswers(rows)) throw new DataFormatException(rows.Source, null, null, "No question has an answer; there is nothing to learn.");
        return new QuestionData(options, inputs, rows, options.Data.Validation is { } v ? Of(v) : null, options.Data.Test is { } t ? Of(t) : null);
    }

    private static bool HasAnswers(Table rows) => Enumerable.Range(0, rows.Rows).Any(row => WordList.Read(rows[QuestionColumns.Answers].Text(row)).Length > 0);

    private static bool AnswersAll(Table rows) => Enumerable.Range(0, rows.Rows).All(row => WordList.Read(rows[QuestionColumns.Answers].Text(row)).Length > 0);

    /// <summary>What is learned: questions without an answer are known from the data.</summary>
    public QuestionAnswering Task
    {
        get
        {
            var stride = Math.Min(Options.Text.DocStride, _inputs.Settings.MaxLength / 3);
            return new QuestionAnswering(stride, Options.Text.MaxAnswerTokens, AnswersAll(Rows) && (Validation is null || AnswersAll(Validation)) && (Test is null || AnswersAll(Test)), Options.Text.NoAnswerThreshold ?? 0);
        }
    }

    /// <inheritdoc/>
    public override Func<int, Evaluation.RowView> View(Table rows) => Evaluation.RowView.Of(rows, [QuestionColumns.Question, QuestionColumns.Context]);

    /// <inheritdoc/>
    public override ModelInputs Fit(TrainSplit train) => _inputs;

    /// <inheritdoc/>
    public override EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes)
    {
        var rows = TableOf(splits, part);
        var set = QuestionWindows.Encode((TextInputs)inputs, (QuestionAnswering)task, rows);
        if (part == SplitPart.Train) notes.Add(string.Create(CultureInfo.InvariantCulture, $"{rows.Rows:N0} training questions make {set.Rows:N0} windows of at most {((TextInputs)inputs).Settings.MaxLength} tokens."));
        return set;
    }
}
