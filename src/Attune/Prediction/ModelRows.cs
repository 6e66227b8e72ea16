using Attune.Batching;
using Attune.Data;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>Rows of a user's file or folder, encoded for a saved model.</summary>
public sealed class ModelRows : IDisposable
{
    /// <summary>Key of a model's card: the column that held the paths in the run's list.</summary>
    internal const string PathColumnKey = "imagePathColumn";

    private readonly ImageListing? _listing;

    private ModelRows(Table table, EncodedSet set, EncodingCounts? counts, ImageListing? listing, IReadOnlyList<string> notices)
        => (Table, Set, Counts, _listing, Notices) = (table, set, counts, listing, notices);

    /// <summary>The rows.</summary>
    public Table Table { get; }

    /// <summary>The model's inputs, with targets when they were asked for.</summary>
    public EncodedSet Set { get; }

    /// <summary>Missing and unknown cells; null for pictures.</summary>
    public EncodingCounts? Counts { get; }

    /// <summary>All rows of a listing of pictures, those included that cannot be read; for columns the same as <see cref="Table"/>.</summary>
    public Table All { get; private init; } = null!;

    /// <summary>Row of <see cref="All"/> for each row of <see cref="Table"/>; null when they are the same.</summary>
    public IReadOnlyList<int>? RowsOfAll { get; private init; }

    /// <summary>Pictures that cannot be read, with reasons; empty for columns.</summary>
    public IReadOnlyList<UnreadableImage> Unreadable { get; private init; } = [];

    /// <summary>What a user should know: pictures that cannot be read and are left out.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>The pictures' bytes; null for tables.</summary>
    internal ImageSource? Source { get; private init; }

    /// <summary>Row of <see cref="Source"/> for each row.</summary>
    internal int[] SourceRows { get; private init; } = [];

    /// <summary>What a person recognises a row by.</summary>
    /// <param name="model">The model.</param>
    public Func<int, Evaluation.RowView> View(ModelFolder model)
        => _listing is null ? Evaluation.RowView.Of(Table, [.. model.Columns.Select(c => c.Name)]) : Evaluation.RowView.Of(Table, [], ImageSet.PathColumn);

    /// <summary>Reads and encodes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Table, folder of pictures, or list of pictures.</param>
    /// <param name="labelled">Whether the targets are read too.</param>
    /// <param name="missing">Words that mean a missing value.</param>
    /// <param name="also">Further columns to read, as those of a model that is compared.</param>
    /// <param name="texts">Columns that hold the texts, where they have other names than in training.</param>
    /// <param name="pictures">How pictures are listed, and how many may be damaged; null for the defaults.</param>
    /// <exception cref="DataFormatException">The data cannot be used; names file, line and column.</exception>
    public static ModelRows Read(ModelFolder model, string path, bool labelled, IReadOnlyList<string>? missing = null, IReadOnlyList<ColumnSchema>? also = null, IReadOnlyList<string>? texts = null, PictureReading? pictures = null)
    {
        if (texts is { Count: > 0 }) return ReadTexts(model, path, labelled, missing ?? [], texts);
        var target = labelled ? model.Task.TargetSchema : [];
        if (model.Inputs is ImageInputs images) return ReadImages(model, images.Preprocessing, path, labelled, missing ?? [], listing => listing.Data, reading: pictures);
        if (model is { Task: TokenClassification, Inputs: TextInputs words }) return Of(model, TokenTable.Read(path, words.Tokenizer, words.Settings.MaxLength, labelled), labelled);
        if (model.Task is QuestionAnswering) return Of(model, SquadFile.Read(path, labelled), labelled);
        if (model.Task is MaskedLanguageModel && !labelled) throw new OptionsException("--model: the model guesses hidden words and has nothing to predict. Tune a task from it (attune tune --model RUN --target COLUMN), or export its encoder (--format safetensors).");
        if (model.Task is MaskedLanguageModel && TextLines.Is(path)) return Of(model, TextLines.Read(path), labelled);
        var table = TableReader.Read(path, new TableReadOptions { Expect = [.. model.Columns.Concat(also ?? []).Concat(target).DistinctBy(c => c.Name)], MissingWords = missing ?? [] });
        return Of(model, table, labelled);
    }

    private static ModelRows ReadTexts(ModelFolder model, string path, bool labelled, IReadOnlyList<string> missing, IReadOnlyList<string> texts)
    {
        if (model.Inputs is not TextInputs inputs) throw new OptionsException("--text: the model reads no text; leave the option out.");
        if (model.Task is QuestionAnswering) throw new OptionsException("--text: questions and texts have their places in the file; leave the option out.");
        if (model.Task is TokenClassification) throw new OptionsException("--text: tagged texts have their words in \"tokens\" or \"text\"; leave the option out.");
        if (texts.Count != inputs.TextColumns.Count) throw new OptionsException(FormattableString.Invariant($"--text: the model reads {inputs.TextColumns.Count} text column(s) ({NearestName.Preview(inputs.TextColumns.Select(c => c.Name))}); {texts.Count} were named."));
        var target = labelled ? model.Task.TargetSchema : [];
        var table = TableReader.Read(path, new TableReadOptions { Expect = [.. texts.Select(name => new ColumnSchema(name, ColumnKind.Text, "the text")), .. target], MissingWords = missing });
        Column Renamed(Column column) => texts.ToList().IndexOf(column.Name) is >= 0 and var at && column is TextColumn text ? new TextColumn(inputs.TextColumns[at].Name, text.Codes, text.Dictionary) : column;
        return Of(model, new Table(table.Source, table.Rows, [.. table.Columns.Select(Renamed)]) { LineOfRow = table.LineOfRow }, labelled);
    }

    /// <summary>Encodes rows of a table that were read already.</summary>
    /// <param name="model">A model of columns.</param>
    /// <param name="table">Rows with the model's columns.</param>
    /// <param name="labelled">Whether the targets are encoded too.</param>
    public static ModelRows Of(ModelFolder model, Table table, bool labelled)
    {
        var set = model.Encode(table, labelled, out var counts);
        string[] notices = counts.Truncated == 0 ? [] : [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{counts.Truncated:N0} of {table.Rows:N0} texts are longer than the {((TextInputs)model.Inputs).Settings.MaxLength} tokens that the model reads and are cut there.")];
        return new ModelRows(table, set, counts, null, model.Task is TokenClassification ? [.. table.Notices, .. notices] : notices) { All = table };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var input in Set.Inputs.OfType<IDisposable>()) input.Dispose();
        _listing?.Dispose();
    }

    /// <summary>The same for pictures of which only some are wanted.</summary>
    /// <param name="model">A model of pictures.</param>
    /// <param name="preprocessing">Its preprocessing.</param>
    /// <param name="path">Folder or list.</param>
    /// <param name="labelled">Whether the targets are read too.</param>
    /// <param name="missing">Words that mean a missing value.</param>
    /// <param name="part">Which pictures of the listing.</param>
    /// <param name="choose">From the number of readable pictures to the rows that are wanted; null for all.</param>
    /// <param name="reading">How they are listed, and how many may be damaged; null for the defaults.</param>
    internal static ModelRows ReadImages(ModelFolder model, ImagePreprocessing preprocessing, string path, bool labelled, IReadOnlyList<string> missing, Func<ImageListing, ImageSet> part, Func<int, int[]>? choose = null, PictureReading? reading = null)
    {
        var kinds = labelled ? model.Task.TargetSchema.ToDictionary(c => c.Name, c => c.Kind, StringComparer.Ordinal) : [];
        reading ??= new PictureReading();
        var listing = ImageListing.Read(path, new ImageListingOptions { PathColumn = reading.PathColumn, KnownPathColumn = (string?)model.Card?[PathColumnKey], Labelled = labelled, Table = new TableReadOptions { MissingWords = missing, Kinds = kinds } });
        try
        {
            var set = part(listing);
            var bad = ImageCheck.Run(set.Source);   // decodes where that is quick: damage in the middle of one file must not end the predictions of all
            var rows = bad.ReadableRows();
            if (rows.Length > 0) bad.ThrowIfAbove(reading.MaxUnreadable, path, "--max-unreadable");
            if (choose is not null) rows = [.. choose(rows.Length).Select(row => rows[row])];
            if (rows.Length == 0) throw new DataFormatException(path, null, null, $"holds no picture that can be read. {(bad.Items is [var first, ..] ? first.Reason : "")}");
            var table = rows.Length == set.Table.Rows ? set.Table : set.Table.Select(rows);
            var input = new ImageInput(model.Network.Inputs[0].Name, set.Source, rows, preprocessing);
            List<string> notices = [.. listing.Notices];
            if (bad.Notice() is { } notice) notices.Add(notice);
            return new ModelRows(table, new EncodedSet(table.Rows, [input], labelled ? model.Task.Encode(table) : null), null, listing, notices) { Source = set.Source, SourceRows = rows, All = set.Table, RowsOfAll = rows.Length == set.Table.Rows ? null : rows, Unreadable = bad.Items };
        }
        catch
        {
            listing.Dispose();
            throw;
        }
    }
}
