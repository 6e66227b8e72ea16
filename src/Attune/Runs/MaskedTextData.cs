using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Text;
using Attune.Text.Training;

namespace Attune.Runs;

/// <summary>Texts whose words are hidden in part and guessed: a text a line of a plain file, or a column of a table.</summary>
internal sealed class MaskedTextData : FileData
{
    private const int FreshLength = 128;

    private readonly StartingModel? _start;
    private readonly ColumnSchema _text;
    private readonly Action<string, int, int>? _progress;

    private MaskedTextData(RunOptions options, StartingModel? start, ColumnSchema text, Table rows, Table? validation, Table? test, Action<string, int, int>? progress) : base(options, rows, validation, test)
        => (_start, _text, _progress) = (start, text, progress);

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> Features => [_text];

    /// <summary>Equal texts stay in one part.</summary>
    public SplitTarget ForSplit => SplitTarget.Together([_text.Name]);

    /// <summary>Whether a run guesses hidden words: what the options say, else what the earlier model does when nothing else is to be learned.</summary>
    /// <exception cref="OptionsException">The starting model has no words to guess.</exception>
    public static bool Is(RunOptions options, StartingModel? start)
    {
        if (options.Data.Task != MaskedLanguageModel.OptionName && !(start?.Folder?.Task is MaskedLanguageModel && Continues(options))) return false;
        if (start is not null && start.HuggingFace is null && start.Folder?.Task is not MaskedLanguageModel)
            throw new OptionsException($"model.path: {start.Path} has no scores of words, so hidden ones cannot be guessed. Name a Hugging Face folder of an encoder, a run of --task mlm, or nothing (--set model.name=bert) to begin anew.");
        if (start is null && options.Model.Name is null or "mlp" or "linear") throw new OptionsException("model.name: a new encoder is asked for by --set model.name=bert; name one to go on from with --model.");
        return true;
    }

    /// <summary>Whether an earlier masked language model goes on as one: no other task and no target is named.</summary>
    public static bool Continues(RunOptions options) => options.Data is { Task: "auto", Target: null };

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="start">The model that is trained on, or null.</param>
    /// <param name="notes">Receives what a user should know.</param>
    /// <param name="progress">Told what is done, how much of it, and how much there is.</param>
    public static MaskedTextData Read(RunOptions options, StartingModel? start, List<string> notes, Action<string, int, int>? progress)
    {
        var known = options.Text.Columns.Count > 0 ? options.Text.Columns[0] : start?.Folder is { } earlier ? earlier.Columns[0].Name : null;
        var rows = Read(options, options.Data.Path!, known, notes);
        var name = known ?? TheText(rows);
        if (known is null && rows.Columns.Count > 1) notes.Add($"Column '{name}' is read as the text; name another with --text.");
        Table Of(Table table) => new(table.Source, table.Rows, [table[name] as TextColumn ?? throw new DataFormatException(table.Source, null, name, "The column holds no text. Name another with --text.")])
        {
            LineOfRow = table.LineOfRow,
            Schema = [new ColumnSchema(name, ColumnKind.Text, "the text")],
            Notices = table.Notices,
        };
        var test = options.Data.Test is { } t ? Of(Read(options, t, name, notes)) : null;
        var validation = options.Data.Validation is { } v ? Of(Read(options, v, name, notes)) : null;
        return new MaskedTextData(options, start, new ColumnSchema(name, ColumnKind.Text, "the text"), Of(rows), validation, test, progress);
    }

    /// <summary>Reads a plain text file or a table, its text column as text.</summary>
    public static Table ReadTexts(string path, string? text, IReadOnlyList<string> missing)
        => TextLines.Is(path) ? TextLines.Read(path)
            : TableReader.Read(path, new TableReadOptions { MissingWords = missing, Kinds = text is null ? new Dictionary<string, ColumnKind>() : new Dictionary<string, ColumnKind> { [text] = ColumnKind.Text } });

    private static Table Read(RunOptions options, string path, string? text, List<string> notes)
    {
        var table = ReadTexts(path, text, options.Data.Missing);
        if (text is not null) _ = table[text];   // names the nearest column when it is not there
        notes.AddRange(table.Notices.Select(n => $"{path}: {n}"));
        return table;
    }

    private static string TheText(Table table)
    {
        if (table.Columns is [var only]) return only.Name;
        return table.Schema.Where(c => c.Kind == ColumnKind.Text).ToList() is [var text] ? text.Name
            : throw new OptionsException($"text.columns: {table.Source} has several columns that could be the text, or none; name it with --text. The columns are {NearestName.Preview(table.Schema.Select(c => c.Name))}.");
    }

    /// <inheritdoc/>
    public override Func<int, Evaluation.RowView> View(Table rows) => Evaluation.RowView.Of(rows, [_text.Name]);

    /// <summary>The starting model's tokenizer; without one that of <c>text.tokenizer</c>, or one that is learned from the training texts.</summary>
    public override ModelInputs Fit(TrainSplit train)
    {
        if (_start is not null) return new TextInputs(_start.Text!.Tokenizer, [_text], _start.Text.Settings with { MaxLength = TextData.LengthOf(Options, _start) });
        var length = Options.Text.MaxLength ?? FreshLength;
        var most = FreshBert.PositionsFor(length);
        var tokenizer = Options.Text.Tokenizer is { } path ? Given(path) : Learn(train.Rows, most);
        return new TextInputs(tokenizer, [_text], new TextSettings(length, new TokenPadding(tokenizer.PadId ?? 0, most), FreshBert.Fields));
    }

    private static Tokenizer Given(string path)
    {
        Tokenizer tokenizer;
        try { tokenizer = Tokenizer.Load(path); }
        catch (FileNotFoundException e) { throw new DataFormatException(path, null, null, "There is no tokenizer here. Name a tokenizer.json, or a folder that has one.", e); }
        if (tokenizer.MaskId is null) throw new DataFormatException(path, null, null, "The tokenizer has no mask token ([MASK], <mask>), so words cannot be hidden. Take another, or leave text.tokenizer out: one is learned from the texts.");
        return tokenizer;
    }

    private Tokenizer Learn(Table rows, int most)
    {
        var texts = Enumerable.Range(0, rows.Rows).Select(rows[_text.Name].Text);
        try { return WordPieceTrainer.Train(texts, new WordPieceTrainerOptions { VocabularySize = Options.Text.VocabularySize, ModelMaxLength = most }, (done, all) => _progress?.Invoke("learning the vocabulary", done, all)); }
        catch (ArgumentException e) { throw new DataFormatException(rows.Source, null, _text.Name, e.Message, e); }
    }

    /// <summary>What is learned: the earlier model's task where nothing of it changes.</summary>
    public MaskedLanguageModel TaskFor(TextInputs inputs)
    {
        var words = _start?.HuggingFace?.Model.Outputs ?? (_start?.Folder?.Task as MaskedLanguageModel)?.OutputWidth ?? inputs.Tokenizer.LargestId + 1;
        return new MaskedLanguageModel(_text.Name, words, Options.Text.MaskShare, (ulong)Options.Training.Seed);
    }

    /// <inheritdoc/>
    public override EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes)
    {
        var rows = TableOf(splits, part);
        var set = MaskedTexts.Encode((TextInputs)inputs, (MaskedLanguageModel)task, rows, out var counts);
        var name = part switch { SplitPart.Train => "training", SplitPart.Validation => "validation", _ => "test" };
        if (part == SplitPart.Train)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{rows.Rows:N0} training texts have {counts.Tokens:N0} tokens in {set.Rows:N0} pieces of at most {((TextInputs)inputs).Settings.MaxLength}; {set.Units:N0} are hidden in each epoch, others each time."));
        if (counts.Empty > 0) notes.Add(string.Create(CultureInfo.InvariantCulture, $"{counts.Empty:N0} of {rows.Rows:N0} {name} texts have no word that the tokenizer knows and are left out."));
        return set;
    }
}
