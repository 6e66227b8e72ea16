using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Rows of a table.</summary>
internal sealed class TableData : FileData
{
    private readonly StartingModel? _start;

    private TableData(RunOptions options, StartingModel? start, Table rows, Table? validation, Table? test, IReadOnlyList<ColumnSchema> features) : base(options, rows, validation, test)
        => (_start, Features) = (start, features);

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> Features { get; }

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">What is learned; the choice once the columns are known comes back.</param>
    /// <param name="start">The model that is fine-tuned, or null.</param>
    /// <param name="notes">Receives what a user should know.</param>
    public static TableData Read(RunOptions options, ref TargetChoice target, StartingModel? start, List<string> notes)
    {
        var rows = Read(options, options.Data.Path!, target, start, expect: null, notes);
        var chosen = target.In(rows, options);
        chosen.DemandLabels(rows);
        var given = rows.Schema.Where(c => chosen.Columns.Contains(c.Name, StringComparer.Ordinal) || c.IsFeature).ToList();
        var test = options.Data.Test is { } t ? Read(options, t, chosen, start, given, notes) : null;
        var validation = options.Data.Validation is { } v ? Read(options, v, chosen, start, given, notes) : null;
        var features = FeaturesOf(options, rows.Schema, chosen, start, notes);
        target = chosen;
        return new TableData(options, start, rows, validation, test, features);
    }

    /// <inheritdoc/>
    public override Func<int, Evaluation.RowView> View(Table rows) => Evaluation.RowView.Of(rows, [.. Features.Select(f => f.Name)]);

    /// <inheritdoc/>
    public override ModelInputs Fit(TrainSplit train)
    {
        if (_start?.Folder is { } earlier) return earlier.Inputs;
        // A network of others reads its columns as they are unless the user says otherwise: its own first layers know their scale.
        var encoding = _start is not null && Options.Encoding.Numeric == NumericScaling.Standard ? Options.Encoding with { Numeric = NumericScaling.None, MissingFlags = MissingFlags.Never } : Options.Encoding;
        var encoder = EncoderFitting.Fit(train, Features, encoding, Options.Training.Threads ?? 1);
        if (_start is not null) DemandFit(encoder, _start);
        return new TableInputs(encoder, Features);
    }

    /// <inheritdoc/>
    public override EncodedSet Encode(ModelInputs inputs, LearningTask task, DataSplits splits, SplitPart part, List<string> notes)
    {
        var rows = TableOf(splits, part);
        var set = ((TableInputs)inputs).Encoder.Encode(rows, task.Encode(rows), out var counts, Options.Training.Threads ?? 1);
        var unknown = counts.Columns.Where(c => c.Unknown > 0).ToList();
        if (unknown.Count > 0)
        {
            var names = string.Join(", ", unknown.Take(5).Select(c => string.Create(CultureInfo.InvariantCulture, $"'{c.Column}' {c.Unknown}")));
            var split = part switch { SplitPart.Train => "training", SplitPart.Validation => "validation", _ => "test" };
            notes.Add($"In the {split} rows some values were not seen in training and are encoded as unknown: {names}{(unknown.Count > 5 ? $" and {unknown.Count - 5} more columns" : "")}.");
        }
        return set;
    }

    private static void DemandFit(TableEncoder encoder, StartingModel start)
    {
        var width = OnnxColumns.WidthOf(start.Path, start.Network);
        if (encoder.Embeddings.Count > 0) throw new OptionsException($"encoding.categorical: {start.Path} reads real numbers; column '{encoder.Embeddings[0].Column}' has too many categories to be one-hot. Leave it out (--exclude), or raise encoding.max-one-hot.");
        if (encoder.FeatureWidth == width) return;
        var inputs = string.Join(", ", start.Network.Inputs.Select(i => $"'{i.Name}' {i.Shape}"));
        throw new OptionsException($"model.path: {start.Path} takes {width} numbers a row ({inputs}); the columns give {encoder.FeatureWidth} ({NearestName.Preview(encoder.FeatureNames)}). Leave columns out with --exclude, or choose their encoding, so that the numbers agree.");
    }

    private static Table Read(RunOptions options, string path, TargetChoice target, StartingModel? start, IReadOnlyList<ColumnSchema>? expect, List<string> notes)
    {
        var earlier = start?.Folder;
        var kinds = options.Data.Columns.ToDictionary(c => c.Key, c => Enum.Parse<ColumnKind>(c.Value, ignoreCase: true), StringComparer.Ordinal);
        if (options.Data.Task == "classification" || target.Separator is not null) kinds.TryAdd(target.Name, ColumnKind.Category);
        if (options.Data.Task == "regression") kinds.TryAdd(target.Name, ColumnKind.Numeric);
        if (earlier is not null)
        {
            foreach (var column in earlier.Columns) kinds[column.Name] = column.Kind;
            if (target.Name == earlier.Task.Target)
            {
                foreach (var column in earlier.Task.TargetSchema.Where(c => target.Columns.Contains(c.Name, StringComparer.Ordinal))) kinds[column.Name] = column.Kind;
            }
        }
        var table = TableReader.Read(path, new TableReadOptions
        {
            MissingWords = options.Data.Missing,
            Kinds = kinds,
            Expect = expect,
            Threads = options.Training.Threads ?? 1,
        });
        // Names the nearest column when one is not there.
        foreach (var name in target.In(table, options).Columns) _ = table[name];
        foreach (var name in options.Data.Exclude.Concat(options.Data.Columns.Keys)) _ = table[name];
        foreach (var column in earlier?.Columns ?? []) _ = table[column.Name];
        notes.AddRange(table.Notices.Select(n => $"{path}: {n}"));
        return table;
    }

    private static List<ColumnSchema> FeaturesOf(RunOptions options, IReadOnlyList<ColumnSchema> schema, TargetChoice target, StartingModel? start, List<string> notes)
    {
        if (start?.Folder is { } earlier) return [.. earlier.Columns];
        var features = schema.Where(c => c.IsFeature && !target.Columns.Contains(c.Name, StringComparer.Ordinal) && !options.Data.Exclude.Contains(c.Name, StringComparer.Ordinal) && c.Name != options.Split.Group).ToList();
        foreach (var column in schema.Where(c => !c.IsFeature && !target.Columns.Contains(c.Name, StringComparer.Ordinal)))
            notes.Add($"Column '{column.Name}' is left out: {column.Kind.ToString().ToLowerInvariant()} ({column.Reason}). Use it with --set data.columns.{column.Name}=category or numeric.");
        if (features.Count == 0) throw new OptionsException($"data.path: {options.Data.Path}: no column is left to learn from. {string.Join(" ", notes)}");
        return features;
    }
}
