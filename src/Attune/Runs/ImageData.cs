using Attune.Batching;
using Attune.Batching.Images;
using Attune.Data;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Rows that stand for pictures: a folder of class folders, or a list. Nothing is decoded before it is needed.</summary>
internal sealed class ImageData : RunData
{
    private const int ThumbnailSide = 160;

    private readonly RunOptions _options;
    private readonly StartingModel? _start;
    private readonly List<ImageListing> _listings;
    private readonly Part _data;
    private readonly Part? _validation, _test;
    private readonly List<ImageInput> _inputs = [];
    private string _input = VisionModel.Input;

    /// <summary>Pictures that can be read: their table, and where each row's bytes are.</summary>
    private sealed record Part(Table Table, ImageSource Source, int[] SourceRows);

    private ImageData(RunOptions options, StartingModel? start, List<ImageListing> listings, Part data, Part? validation, Part? test)
        => (_options, _start, _listings, _data, _validation, _test) = (options, start, listings, data, validation, test);

    /// <inheritdoc/>
    public override Table Rows => _data.Table;

    /// <inheritdoc/>
    public override Table? Validation => _validation?.Table;

    /// <inheritdoc/>
    public override Table? Test => _test?.Table;

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> Features => [new ColumnSchema(ImageSet.ContentColumn, ColumnKind.Category, "a hash of the picture's bytes")];

    /// <summary>True when the data are pictures: a folder, or a model of pictures and a list.</summary>
    public static bool Is(RunOptions options, StartingModel? start)
        => Directory.Exists(options.Data.Path) || options.Image.PathColumn is not null || start?.Images is not null
            || (options.Model.Name is { } name && VisionCatalog.Find(name) is not null);

    /// <summary>Lists the pictures and looks at each one once.</summary>
    public static ImageData Read(RunOptions options, ref TargetChoice target, StartingModel? start, List<string> notes, Action<string, int, int>? progress)
    {
        if (start is not null && start.Images is null) throw new OptionsException($"model.path: {start.Path} does not read pictures: its inputs are {string.Join(", ", start.Network.Inputs.Select(i => $"'{i.Name}' {i.Type}{i.Shape}"))}. Name a table with --data, or another model.");
        var listings = new List<ImageListing>();
        try
        {
            var data = List(options.Data.Path!, options, target, listings, progress);
            var validation = options.Data.Validation is { } v ? List(v, options, target, listings, progress).Data : data.Validation;
            var test = options.Data.Test is { } t ? List(t, options, target, listings, progress).Data : data.Test;
            foreach (var listing in listings) notes.AddRange(listing.Notices.Concat(listing.Data.Table.Notices));
            var rows = Readable(data.Data, options.Data.Path!, options, notes, progress)!;
            target = target.In(rows.Table, options);
            foreach (var name in target.Columns) _ = rows.Table[name];
            target.DemandLabels(rows.Table);
            return new ImageData(options, start, listings, rows, Readable(validation, options.Data.Validation ?? options.Data.Path!, options, notes, progress), Readable(test, options.Data.Test ?? options.Data.Path!, options, notes, progress));
        }
        catch
        {
            foreach (var listing in listings) listing.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, DataFingerprint> Fingerprints
    {
        get
        {
            var all = new Dictionary<string, DataFingerprint> { ["data.path"] = Fingerprint(_data) };
            if (_test is not null) all["data.test"] = Fingerprint(_test);
            if (_validation is not null) all["data.validation"] = Fingerprint(_validation);
            return all;
        }
    }

    /// <inheritdoc/>
    public override Func<int, Evaluation.RowView> View(Table rows) => Evaluation.RowView.Of(rows, [], ImageSet.PathColumn);

    /// <inheritdoc/>
    public override ModelInputs Fit(TrainSplit train)
    {
        if (_start?.Folder is { } earlier) return earlier.Inputs;
        var basis = _start?.Images ?? VisionCatalog.Find(NetworkChoice.ImageNetworkOf(_options.Model))?.Preprocessing;
        var preprocessing = _options.Image.ToPreprocessing(basis);
        if (_start is { Network.Inputs: [{ Shape: { Rank: 4 } shape }, ..] } && Enumerable.Range(0, 3).Any(i => shape[i + 1].Size is { } size && size != preprocessing.Shape[i]))
            throw new OptionsException($"image.size: {_start.Path} takes pictures of {string.Join(" × ", shape.Dimensions.Skip(1))} (channels, height, width); the image options make them {string.Join(" × ", preprocessing.Shape)}. Leave image.size and image.channels to the model.");
        return new ImageInputs(preprocessing);
    }

    /// <inheritdoc/>
    public override void Bind(string input) => _input = input;

    /// <inheritdoc/>
    public override EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes)
    {
        var rows = TableOf(splits, part);
        var input = new ImageInput(_input, SourceOf(part).Source, SourceRowsOf(splits, part), ((ImageInputs)inputs).Preprocessing, new ImageInputSettings
        {
            Augmentation = part == SplitPart.Train ? _options.Augmentation : null,
            Seed = (ulong)_options.Training.Seed,
            AheadBytes = (long)_options.Image.AheadMegabytes << 20,
            CacheBytes = (long)_options.Image.CacheMegabytes << 20,
            MaxPixels = _options.Image.MaxPixels,
        });
        _inputs.Add(input);
        return new EncodedSet(rows.Rows, [input], task.Encode(rows));
    }

    /// <inheritdoc/>
    public override Func<int, byte[]?> Thumbnails(DataSplits splits)
    {
        var (source, rows) = (SourceOf(SplitPart.Test).Source, SourceRowsOf(splits, SplitPart.Test));
        return row =>
        {
            var buffer = Array.Empty<byte>();
            try
            {
                var length = source.Read(rows[row], ref buffer);
                return ImageThumbnail.Jpeg(buffer.AsSpan(0, length), ThumbnailSide, name: source.Name(rows[row]));
            }
            catch (DataFormatException) { return null; }   // the report goes without this picture
        };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var input in _inputs) input.Dispose();
        foreach (var listing in _listings) listing.Dispose();
        base.Dispose(disposing);
    }

    private Part SourceOf(SplitPart part) => part switch
    {
        SplitPart.Validation => _validation ?? _data,
        SplitPart.Test => _test ?? _data,
        _ => _data,
    };

    private int[] SourceRowsOf(DataSplits splits, SplitPart part)
    {
        var rows = part switch { SplitPart.Train => splits.TrainRows, SplitPart.Validation => splits.ValidationRows, _ => splits.TestRows };
        var map = SourceOf(part).SourceRows;
        return [.. rows.Select(row => map[row])];
    }

    private static ImageListing List(string path, RunOptions options, TargetChoice target, List<ImageListing> listings, Action<string, int, int>? progress)
    {
        var kinds = options.Data.Columns.ToDictionary(c => c.Key, c => Enum.Parse<ColumnKind>(c.Value, ignoreCase: true), StringComparer.Ordinal);
        if (options.Data.Task == "classification" || target.Separator is not null) kinds.TryAdd(target.Name, ColumnKind.Category);
        if (options.Data.Task == "regression") kinds.TryAdd(target.Name, ColumnKind.Numeric);
        var listing = ImageListing.Read(path, new ImageListingOptions
        {
            PathColumn = options.Image.PathColumn,
            Table = new TableReadOptions { MissingWords = options.Data.Missing, Kinds = kinds },
            Progress = progress is null ? null : (done, all) => progress("reading pictures", done, all),
        });
        listings.Add(listing);
        return listing;
    }

    private static Part? Readable(ImageSet? set, string origin, RunOptions options, List<string> notes, Action<string, int, int>? progress)
    {
        if (set is null) return null;
        var bad = ImageCheck.Run(set.Source, maxPixels: options.Image.MaxPixels, progress: progress is null ? null : (done, all) => progress("checking pictures", done, all));
        bad.ThrowIfAbove(options.Image.MaxUnreadable, origin);
        if (bad.Notice() is { } notice) notes.Add(notice);
        var rows = bad.ReadableRows();
        return new Part(bad.Items.Count == 0 ? set.Table : set.Table.Select(rows), set.Source, rows);
    }

    /// <summary>A hash over the pictures' own hashes and the other columns, so that a changed picture or label shows.</summary>
    private static DataFingerprint Fingerprint(Part part)
    {
        var hashes = RowHashes.Of(part.Table, [.. part.Table.Columns.Select(c => c.Name)]);
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(hashes.AsSpan());
        return new DataFingerprint(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), bytes.Length, part.Table.Rows, part.Table.Columns.Count);
    }
}
