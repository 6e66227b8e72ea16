using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Runs;

/// <summary>Rows of a table of which one column, or a pair of columns, is read as text.</summary>
internal sealed class TextData : FileData
{
    private const int UsualLength = 512;

    private readonly TextStart _text;
    private readonly StartingModel _start;
    private readonly IReadOnlyList<ColumnSchema> _columns;

    private TextData(RunOptions options, StartingModel start, Table rows, Table? validation, Table? test, IReadOnlyList<ColumnSchema> columns) : base(options, rows, validation, test)
        => (_start, _text, _columns) = (start, start.Text!, columns);

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> Features => _columns;

    /// <summary>Which columns belong together where an embedding is learned; null for other tasks.</summary>
    public EmbeddingColumns? Embedding { get; private init; }

    /// <summary>Reads the files that the options name for learning an embedding.</summary>
    /// <param name="options">The options.</param>
    /// <param name="start">A model of texts.</param>
    /// <param name="notes">Receives what a user should know.</param>
    /// <exception cref="OptionsException">The columns cannot be told, or the starting model is no encoder.</exception>
    public static TextData ReadEmbedding(RunOptions options, StartingModel start, List<string> notes)
    {
        if (options.Model.HeadAt is not null) throw new OptionsException("model.head-at: an embedding has no head. Leave it out; the network's own output is tuned.");
        if (start.Text is null) throw new OptionsException($"data.task: an embedding is learned by an encoder of texts, and {start.Path} reads none. Name a Hugging Face or sentence-transformers folder, or an ONNX encoder with its tokenizer.json beside it.");
        if (start.Folder is { Task: not SentenceEmbedding and var other }) throw new OptionsException($"data.task: {start.Path} answers {other.Name}, not with vectors. Name the encoder that it started from, or a run with --task embedding.");
        var rows = Read(options, options.Data.Path!, null, [], null, notes);
        var chosen = EmbeddingColumns.In(options, start.Folder?.Task as SentenceEmbedding, [.. rows.Columns.Select(c => c.Name)], rows.Source);
        List<ColumnSchema> columns = [.. chosen.Texts.Select(name => new ColumnSchema(name, ColumnKind.Text, "a text"))];
        List<ColumnSchema> expect = [.. columns];
        if (chosen.Score is { } score) expect.Add(new ColumnSchema(score, ColumnKind.Numeric, "the score"));
        foreach (var column in expect) _ = rows[column.Name];   // names the nearest column when one is not there
        var read = Read(options, options.Data.Path!, null, chosen.Texts, expect, notes: null);   // once more: texts may look like numbers
        if (options.Text.Columns.Count == 0 && start.Folder is null) notes.Add($"Columns {string.Join(", ", chosen.Texts.Select(t => $"'{t}'"))} are read as the texts{(chosen.Score is null ? "" : $", '{chosen.Score}' as their score")}; name others with --text{(chosen.Score is null ? "" : " and --target")}.");
        return new TextData(options, start,
            read,
            options.Data.Validation is { } v ? Read(options, v, null, chosen.Texts, expect, notes) : null,
            options.Data.Test is { } t ? Read(options, t, null, chosen.Texts, expect, notes) : null,
            columns) { Embedding = chosen };
    }

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">What is learned; the choice once the columns are known comes back.</param>
    /// <param name="start">A model of texts.</param>
    /// <param name="notes">Receives what a user should know.</param>
    public static TextData Read(RunOptions options, ref TargetChoice target, StartingModel start, List<string> notes)
    {
        var known = options.Text.Columns.Count > 0 ? options.Text.Columns : start.Folder is { } earlier ? [.. earlier.Columns.Select(c => c.Name)] : [];
        if (known.Count > 2) throw new OptionsException($"text.columns: names {known.Count} columns; one text, or two that form a pair, can be read. Join the others in the data, or learn an embedding of them (--task embedding).");
        var rows = Read(options, options.Data.Path!, target, known, expect: null, notes);
        var chosen = target.In(rows, options);
        chosen.DemandLabels(rows);
        if (known.Count == 0)
        {
            known = [TheText(rows, chosen)];
            notes.Add($"Column '{known[0]}' is read as the text; name another with --text.");
        }
        foreach (var name in known.Where(name => chosen.Columns.Contains(name, StringComparer.Ordinal))) throw new OptionsException($"text.columns: '{name}' is the target; a text cannot be learned from itself.");
        List<ColumnSchema> columns = [.. known.Select(name => new ColumnSchema(name, ColumnKind.Text, "the text"))];
        List<ColumnSchema> expect = [.. columns, .. rows.Schema.Where(c => chosen.Columns.Contains(c.Name, StringComparer.Ordinal))];
        var test = options.Data.Test is { } t ? Read(options, t, chosen, known, expect, notes) : null;
        var validation = options.Data.Validation is { } v ? Read(options, v, chosen, known, expect, notes) : null;
        target = chosen;
        return new TextData(options, start, rows, validation, test, columns);
    }

    /// <inheritdoc/>
    public override Func<int, Evaluation.RowView> View(Table rows) => Evaluation.RowView.Of(rows, [.. _columns.Select(c => c.Name)]);

    /// <inheritdoc/>
    public override ModelInputs Fit(TrainSplit train)
    {
        return new TextInputs(_text.Tokenizer, _columns, _text.Settings with { MaxLength = LengthOf(Options, _start) }) { IsApart = Embedding is not null };
    }

    /// <summary>Tokens of a text at most: what the user says, else what the model takes, at most 512.</summary>
    /// <exception cref="OptionsException">The model takes fewer.</exception>
    public static int LengthOf(RunOptions options, StartingModel start)
    {
        var settings = start.Text!.Settings;
        if (options.Text.MaxLength > settings.Padding.Most) throw new OptionsException(string.Create(CultureInfo.InvariantCulture, $"text.max-length: {start.Path} takes {settings.Padding.Most} tokens at most; got {options.Text.MaxLength}."));
        return options.Text.MaxLength ?? (start.Folder is null ? Math.Min(settings.MaxLength, UsualLength) : settings.MaxLength);
    }

    /// <inheritdoc/>
    public override EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes)
    {
        var rows = TableOf(splits, part);
        var text = (TextInputs)inputs;
        var set = text.Encode(rows, task.Encode(rows), out var counts);
        var name = part switch { SplitPart.Train => "training", SplitPart.Validation => "validation", _ => "test" };
        if (counts.Truncated > 0)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{counts.Truncated:N0} of {set.Units:N0} {name} texts are longer than {text.Settings.MaxLength} tokens and are cut there{(text.Settings.MaxLength < _text.Settings.Padding.Most ? $"; the network takes up to {_text.Settings.Padding.Most} (--set text.max-length)" : "")}."));
        if (counts.Empty > 0) notes.Add(string.Create(CultureInfo.InvariantCulture, $"{counts.Empty:N0} of {set.Units:N0} {name} texts are empty."));
        return set;
    }

    private static Table Read(RunOptions options, string path, TargetChoice? target, IReadOnlyList<string> texts, IReadOnlyList<ColumnSchema>? expect, List<string>? notes)
    {
        var kinds = options.Data.Columns.ToDictionary(c => c.Key, c => Enum.Parse<ColumnKind>(c.Value, ignoreCase: true), StringComparer.Ordinal);
        foreach (var name in texts) kinds[name] = ColumnKind.Text;
        if (target is not null && (options.Data.Task == "classification" || target.Separator is not null)) kinds.TryAdd(target.Name, ColumnKind.Category);
        if (target is not null && options.Data.Task == "regression") kinds.TryAdd(target.Name, ColumnKind.Numeric);
        var table = TableReader.Read(path, new TableReadOptions { MissingWords = options.Data.Missing, Kinds = kinds, Expect = expect, Threads = options.Training.Threads ?? 0 });
        foreach (var name in (target?.In(table, options).Columns ?? []).Concat(texts)) _ = table[name];   // names the nearest column when one is not there
        notes?.AddRange(table.Notices.Select(n => $"{path}: {n}"));
        return table;
    }

    /// <summary>The only column that can be meant: of free text, else of different words in nearly every row.</summary>
    private static string TheText(Table table, TargetChoice target)
    {
        var others = table.Schema.Where(c => !target.Columns.Contains(c.Name, StringComparer.Ordinal)).ToList();
        foreach (var kinds in new[] { new[] { ColumnKind.Text }, [ColumnKind.Text, ColumnKind.Category, ColumnKind.Identifier] })
        {
            if (others.Where(c => kinds.Contains(c.Kind) && table[c.Name] is TextColumn).ToList() is [var only]) return only.Name;
        }
        throw new OptionsException($"text.columns: {table.Source} has several columns that could be the text, or none; name it with --text. The columns are {NearestName.Preview(others.Select(c => c.Name))}.");
    }
}
