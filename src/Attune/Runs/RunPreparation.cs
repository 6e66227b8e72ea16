using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Runs;

/// <summary>Reads, divides and encodes the data and builds the network: options in, <see cref="PreparedRun"/> out. Writes nothing.</summary>
public static class RunPreparation
{
    /// <summary>Prepares a run.</summary>
    /// <exception cref="OptionsException">The options contradict each other or the data.</exception>
    /// <exception cref="DataFormatException">A file cannot be used; names file, line and column.</exception>
    public static PreparedRun Prepare(RunOptions options)
    {
        options.Validate();
        var earlier = options.Model.Path is { } path ? ModelFolder.Load(path) : null;
        var notes = new List<string>();
        var target = TargetChoice.Of(options, earlier);
        var data = Read(options, options.Data.Path!, target, earlier, expect: null, notes);
        target = target.In(data, options);
        target.DemandLabels(data);
        var schema = data.Schema;
        var given = schema.Where(c => target.Columns.Contains(c.Name, StringComparer.Ordinal) || c.IsFeature).ToList();
        var test = options.Data.Test is { } t ? Read(options, t, target, earlier, given, notes) : null;
        var validation = options.Data.Validation is { } v ? Read(options, v, target, earlier, given, notes) : null;

        var features = Features(options, schema, target, earlier, notes);
        var classes = target.IsLabels ? null : ClassesOf(options, data[target.Name], data.Source);
        var seen = earlier is null ? null : SeenRows.Load(Path.Combine(ModelFolder.Locate(options.Model.Path!), SeenRowsFile), earlier.Card);
        if (data.Rows < FewestRows) throw new DataFormatException(data.Source, null, null, $"has {data.Rows} rows; at least {FewestRows} are needed to train, stop and judge. Add rows.");
        var splits = Splitter.Split(data, new SplitRequest
        {
            Test = options.Split.Test,
            Validation = options.Split.Validation,
            Seed = (ulong)options.Training.Seed,
            TestTable = test,
            ValidationTable = validation,
            FeatureColumns = [.. features.Select(f => f.Name)],
            KnownRows = seen?.Hashes,
            KnownColumns = seen?.Columns,
        }, target.ForSplit(classes is not null));
        notes.AddRange(splits.Report.Notices);

        if (target.IsLabels && options.Data.Positive is not null) throw new OptionsException("data.positive: belongs to two classes; with several labels each has a probability of its own.");
        LearningTask task = target.IsLabels ? target.LabelTask(splits.Train, earlier) : TaskFor(options, splits.Train, target.Name, classes, earlier);
        var encoder = earlier?.Encoder ?? EncoderFitting.Fit(splits.Train, features, options.Encoding, options.Training.Threads);
        var train = Encode(encoder, splits.Train.Rows, task, "training", options, notes);
        var network = BuildNetwork(options, encoder, task, earlier, train.Rows);
        var settings = AutoSettings.For(options, task, train.Rows, ClassCounts(task, train));
        var method = MethodPlan.For(network.Graph, options.Method, options.Training.WeightDecay, options.Objective.L2Sp, network.Fresh, (ulong)options.Training.Seed,
            TrainingLoop.StepsPerEpoch(train.Rows, settings.BatchSize));
        if (method.Stages is [.., var last] && last.FirstEpoch >= settings.Epochs)
            throw new OptionsException(string.Create(CultureInfo.InvariantCulture, $"method.unfreeze-every: '{last.Name}' would join after {last.FirstEpoch} epochs, but there are only {settings.Epochs}. Raise training.epochs, lower method.unfreeze-every, or freeze it (method.freeze-layers)."));
        return new PreparedRun
        {
            Options = options,
            Splits = splits,
            Schema = schema,
            Features = features,
            Task = task,
            Encoder = encoder,
            Train = train,
            Validation = Encode(encoder, splits.Validation, task, "validation", options, notes),
            Test = Encode(encoder, splits.Test, task, "test", options, notes),
            Method = method,
            Fresh = network.Fresh,
            Earlier = earlier,
            HeadReplaced = network.HeadReplaced,
            Settings = settings,
            Fingerprints = Fingerprints(options, data, test, validation),
            Seen = Seen(splits, seen),
            Notes = notes,
        };
    }

    private const int FewestRows = 10;

    /// <summary>Whole-number targets with more distinct values than this are a regression unless the user says otherwise.</summary>
    private const int MostNumericClasses = 20;

    /// <summary>Name of the file of row hashes in a model folder.</summary>
    public const string SeenRowsFile = "seen-rows.bin";

    private static Table Read(RunOptions options, string path, TargetChoice target, ModelFolder? earlier, IReadOnlyList<ColumnSchema>? expect, List<string> notes)
    {
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
            Threads = options.Training.Threads,
        });
        // Names the nearest column when one is not there.
        foreach (var name in target.In(table, options).Columns) _ = table[name];
        foreach (var name in options.Data.Exclude.Concat(options.Data.Columns.Keys)) _ = table[name];
        foreach (var column in earlier?.Columns ?? []) _ = table[column.Name];
        notes.AddRange(table.Notices.Select(n => $"{path}: {n}"));
        return table;
    }

    private static List<ColumnSchema> Features(RunOptions options, IReadOnlyList<ColumnSchema> schema, TargetChoice target, ModelFolder? earlier, List<string> notes)
    {
        if (earlier is not null) return [.. earlier.Columns];
        var features = schema.Where(c => c.IsFeature && !target.Columns.Contains(c.Name, StringComparer.Ordinal) && !options.Data.Exclude.Contains(c.Name, StringComparer.Ordinal)).ToList();
        foreach (var column in schema.Where(c => !c.IsFeature && !target.Columns.Contains(c.Name, StringComparer.Ordinal)))
            notes.Add($"Column '{column.Name}' is left out: {column.Kind.ToString().ToLowerInvariant()} ({column.Reason}). Use it with --set data.columns.{column.Name}=category or numeric.");
        if (features.Count == 0) throw new OptionsException($"data.path: {options.Data.Path}: no column is left to learn from. {string.Join(" ", notes)}");
        return features;
    }

    /// <summary>The class names in order, or null for a regression.</summary>
    private static IReadOnlyList<string>? ClassesOf(RunOptions options, Column target, string source)
    {
        if (options.Data.Task == "regression" || target is DateColumn) return target is NumericColumn ? null : throw NotNumeric(target, source);
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        var whole = true;
        for (var row = 0; row < target.Rows; row++)
        {
            if (target.IsMissing(row)) continue;
            if (target is NumericColumn numbers && options.Data.Task == "auto")
            {
                whole &= numbers.Values[row] == Math.Floor(numbers.Values[row]);
                if (!whole) return null;
            }
            distinct.Add(target.Text(row));
            if (target is NumericColumn && options.Data.Task == "auto" && distinct.Count > MostNumericClasses) return null;
        }
        if (distinct.Count < 2)
        {
            throw new DataFormatException(source, null, target.Name, distinct.Count == 0
                ? "The target is missing in every row."
                : $"Every row has the same target '{distinct.First()}'; a classifier needs at least two classes. Add rows of another class, or choose another --target.");
        }
        return Classification.Sort(distinct);
    }

    private static DataFormatException NotNumeric(Column target, string source)
        => new(source, null, target.Name, "The target of a regression has to be numeric; this column holds text or dates. Choose another --target, or --task classification.");

    private static LearningTask TaskFor(RunOptions options, TrainSplit train, string target, IReadOnlyList<string>? classes, ModelFolder? earlier)
    {
        if (classes is null)
        {
            if (earlier is { Task: Regression same }) return same.Target == target ? same : new Regression(target, same.Mean, same.Scale);
            if (options.Data.Positive is not null) throw new OptionsException("data.positive: belongs to two classes; the target is a number (a regression).");
            var values = ((NumericColumn)train.Rows[target]).Values;
            var mean = values.Average();
            var scale = Math.Sqrt(values.Average(x => (x - mean) * (x - mean)));
            if (!(scale < 1e30) || !(Math.Abs(mean) < 1e30) || (scale < 1e-30 && values.Min() != values.Max()))
            {
                throw new DataFormatException(train.Rows.Source, null, target, string.Create(CultureInfo.InvariantCulture,
                    $"The targets lie around {mean:G3} with a spread of {scale:G3}, which 32-bit numbers cannot learn. Give them in another unit."));
            }
            return new Regression(target, mean, scale > 0 ? scale : 1);
        }
        if (earlier is { Task: Classification known } && known.Target == target && classes.All(c => known.Classes.Contains(c, StringComparer.Ordinal)))
        {
            if (options.Data.Positive is { } other && other != known.PositiveClass)
                throw new OptionsException($"data.positive: the earlier model's positive class is '{known.PositiveClass ?? "none"}' and its head is kept. Leave the option out.");
            return known;
        }
        if (options.Data.Positive is { } positive && !classes.Contains(positive, StringComparer.Ordinal))
            throw new OptionsException($"data.positive: '{positive}' is no class of '{target}'.{NearestName.Hint(positive, classes)} The classes are {NearestName.Preview(classes)}.");
        if (options.Data.Positive is not null && classes.Count > 2) throw new OptionsException($"data.positive: belongs to two classes; '{target}' has {classes.Count}.");
        return new Classification(target, classes, classes.Count == 2 ? options.Data.Positive ?? Rarer(train.Rows[target], classes) : null);
    }

    private static string Rarer(Column column, IReadOnlyList<string> classes)
    {
        var first = 0;
        for (var row = 0; row < column.Rows; row++) first += column.Text(row) == classes[0] ? 1 : 0;
        return first < column.Rows - first ? classes[0] : classes[1];
    }

    private static EncodedSet Encode(TableEncoder encoder, Table rows, LearningTask task, string split, RunOptions options, List<string> notes)
    {
        var set = encoder.Encode(rows, task.Encode(rows), out var counts, options.Training.Threads);
        var unknown = counts.Columns.Where(c => c.Unknown > 0).ToList();
        if (unknown.Count > 0)
        {
            var names = string.Join(", ", unknown.Take(5).Select(c => string.Create(CultureInfo.InvariantCulture, $"'{c.Column}' {c.Unknown}")));
            notes.Add($"In the {split} rows some values were not seen in training and are encoded as unknown: {names}{(unknown.Count > 5 ? $" and {unknown.Count - 5} more columns" : "")}.");
        }
        return set;
    }

    private static (Graph Graph, IReadOnlySet<string> Fresh, bool HeadReplaced) BuildNetwork(RunOptions options, TableEncoder encoder, LearningTask task, ModelFolder? earlier, int rows)
    {
        var seed = (ulong)options.Training.Seed;
        if (earlier is null)
        {
            List<NetworkInput> inputs = encoder.FeatureWidth > 0 ? [new NetworkInput(TableEncoder.FeaturesName, encoder.FeatureWidth)] : [];
            inputs.AddRange(encoder.Embeddings.Select(e => new NetworkInput(e.InputName, 1, e.Rows, e.EmbeddingWidth)));
            var graph = Mlp.Build(inputs, task.OutputWidth, MlpShape.For(options.Model, rows, task), seed);
            return (graph, graph.Weights.All.Select(w => w.Name).ToHashSet(StringComparer.Ordinal), false);
        }
        if (options.Model.HeadAt is { } value)
        {
            var (cut, made) = HeadReplacement.ReplaceAt(earlier.Network with { Weights = earlier.Network.Weights.DeepCopy() }, value, task.OutputWidth, seed);
            return (cut, made, true);
        }
        if (ReferenceEquals(task, earlier.Task) || (task is Regression && earlier.Task is Regression)) return (earlier.Network with { Weights = earlier.Network.Weights.DeepCopy() }, new HashSet<string>(), false);
        var (replaced, fresh) = HeadReplacement.Replace(earlier.Network with { Weights = earlier.Network.Weights.DeepCopy() }, task.OutputWidth, seed);
        return (replaced, fresh, true);
    }

    /// <summary>Training rows per class or label in output order; empty for regression.</summary>
    internal static int[] ClassCounts(LearningTask task, EncodedSet train)
    {
        if (task is MultiLabelClassification labels) return [.. Enumerable.Range(0, labels.Labels.Count).Select(k => Enumerable.Range(0, train.Rows).Count(row => train.Targets!.Values![row * labels.Labels.Count + k] != 0))];
        if (task is not Classification classification) return [];
        var counts = new int[classification.Classes.Count];
        foreach (var label in Metrics.ScoredSet.LabelsOf(classification, train.Targets!)) counts[label]++;
        return counts;
    }

    private static Dictionary<string, DataFingerprint> Fingerprints(RunOptions options, Table data, Table? test, Table? validation)
    {
        var all = new Dictionary<string, DataFingerprint> { ["data.path"] = DataFingerprint.Of(options.Data.Path!, data) };
        if (test is not null) all["data.test"] = DataFingerprint.Of(options.Data.Test!, test);
        if (validation is not null) all["data.validation"] = DataFingerprint.Of(options.Data.Validation!, validation);
        return all;
    }

    private static SeenRows Seen(DataSplits splits, SeenRows? earlier)
    {
        var columns = earlier?.Columns ?? splits.Report.Columns;
        var hashes = earlier is null ? [] : new HashSet<ulong>(earlier.Hashes);
        if (columns.SequenceEqual(splits.Report.Columns)) hashes.UnionWith(splits.KnownRows);
        else
        {
            foreach (var rows in new[] { splits.Train.Rows, splits.Validation })
            {
                if (columns.All(c => rows.TryGet(c, out _))) hashes.UnionWith(RowHashes.Of(rows, columns));
            }
        }
        return new SeenRows(columns, hashes);
    }
}
