using System.Globalization;
using Attune.Data;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Training;
using Attune.Weights;

namespace Attune.Runs;

/// <summary>Reads, divides and encodes the data and builds the network: options in, <see cref="PreparedRun"/> out. Writes nothing.</summary>
public static class RunPreparation
{
    /// <summary>Prepares a run.</summary>
    /// <exception cref="OptionsException">The options contradict each other or the data.</exception>
    /// <exception cref="DataFormatException">A file cannot be used; names file, line and column.</exception>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Told what is read, how much of it, and how much there is; may be called from any thread.</param>
    public static PreparedRun Prepare(RunOptions options, Action<string, int, int>? progress = null)
    {
        options.Validate();
        if (options.Data.Target is null && options.Model.Path is null && Directory.Exists(options.Data.Path)) options = options with { Data = options.Data with { Target = ImageSet.LabelColumn } };
        var start = StartingModel.Load(options.Model, options.Image, HeadFor(options), MaskedTextData.Continues(options), options.Method);
        if (start?.Folder?.Task is SentenceEmbedding && EmbeddingColumns.IsForAnotherTask(options)) start = start.AsEncoder();
        var (tags, masks, asks, isEmbedding) = (TokenData.Is(options, start), MaskedTextData.Is(options, start), QuestionData.Is(options, start), EmbeddingColumns.IsAsked(options, start));
        if (options.Data.Target is null && start?.Folder is null && !tags && !masks && !asks && !isEmbedding) options = options with { Data = options.Data with { Target = ImageSet.LabelColumn } };
        var notes = new List<string>(start?.Notes ?? []);
        var target = tags ? TokenData.Target : masks || asks || isEmbedding ? TargetChoice.None : TargetChoice.Of(options, start?.Folder);
        RunData data = tags ? TokenData.Read(options, start!, notes)
            : masks ? MaskedTextData.Read(options, start, notes, progress)
            : asks ? QuestionData.Read(options, start!, notes)
            : isEmbedding ? TextData.ReadEmbedding(options, start!, notes)
            : start?.Text is not null ? TextData.Read(options, ref target, start, notes)
            : ImageData.Is(options, start) ? ImageData.Read(options, ref target, start, notes, progress)
            : TableData.Read(options, ref target, start, notes);
        try
        {
            return Prepare(options, start, target, data, notes, progress);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>What a Hugging Face folder is to answer with; <c>setfit</c> puts its head on the vectors that sentences are compared by.</summary>
    private static TextHead HeadFor(RunOptions options) => options.Data.Task switch
    {
        TokenClassification.TaskName => TextHead.TokenClassification,
        SentenceEmbedding.TaskName => TextHead.Embedding,
        MaskedLanguageModel.OptionName => TextHead.MaskedLanguageModel,
        QuestionAnswering.TaskName => TextHead.QuestionAnswering,
        _ => options.Method.Name == SetFit.MethodName ? TextHead.Embedding : TextHead.SequenceClassification,
    };

    private static PreparedRun Prepare(RunOptions options, StartingModel? start, TargetChoice target, RunData data, List<string> notes, Action<string, int, int>? progress)
    {
        var embedding = (data as TextData)?.Embedding;
        var classes = target.IsLabels || target.Columns.Count == 0 ? null : TaskChoice.ClassesOf(options, data.Rows[target.Name], data.Rows.Source);
        var seen = SeenBy(start, data.Rows, notes);
        if (data.Rows.Rows < FewestRows) throw new DataFormatException(data.Rows.Source, null, null, $"has {data.Rows.Rows} rows; at least {FewestRows} are needed to train, stop and judge. Add rows.");
        var splits = Splitter.Split(data.Rows, new SplitRequest
        {
            Test = options.Split.Test,
            Validation = options.Split.Validation,
            Seed = (ulong)options.Training.Seed,
            TestTable = data.Test,
            ValidationTable = data.Validation,
            FeatureColumns = [.. data.Features.Select(f => f.Name)],
            KnownRows = seen?.Hashes,
            KnownColumns = seen?.Columns,
            GroupColumn = options.Split.Group,
            TimeColumn = options.Split.Time,
        }, data is QuestionData ? QuestionData.ForSplit : (data as MaskedTextData)?.ForSplit ?? embedding?.ForSplit() ?? target.ForSplit(classes is not null));
        notes.AddRange(splits.Report.Notices);

        if (target.IsLabels && options.Data.Positive is not null) throw new OptionsException("data.positive: belongs to two classes; with several labels each has a probability of its own.");
        var inputs = data.Fit(splits.Train);
        LearningTask task = data is MaskedTextData hidden ? hidden.TaskFor((TextInputs)inputs) : data is QuestionData questions ? questions.Task : data is TokenData words ? words.TaskFor(start!) : embedding is not null ? embedding.TaskOf(start!, data.Rows)
            : target.IsLabels ? target.LabelTask(splits.Train, start?.Folder) : TaskChoice.For(options, splits.Train, target.Name, classes, start?.Folder);
        var general = options.Evaluation.GeneralText is { } texts ? GeneralTexts.Read(texts, inputs, task) : null;
        var network = NetworkChoice.Make(options, inputs, task, start, splits.Train.Rows.Rows);
        var teacher = options.Objective.Teacher is { } path ? TeacherOutputs.Of(path, task, data, splits, (done, all) => progress?.Invoke("asking the teacher", done, all)) : default;
        data.Bind(network.Graph.Inputs[0].Name);
        var train = data.Encode(inputs, task, splits, SplitPart.Train, notes);
        if (teacher.Outputs is { } outputs) train = new EncodedSet(train.Rows, train.Inputs, train.Targets!.With(outputs), train.UnitStarts?.ToArray());
        train = TextAugmentation.Apply(options, start, data, (inputs as TextInputs, task), splits.Train.Rows, train, notes, progress);
        DemandEmbeddings(options.Objective, network.Graph);
        if (options.Objective.RDrop > 0 && !network.Graph.Nodes.Any(n => n.Operator == "Dropout") && options.Method.Dropout == 0 && options.Objective.NeftuneAlpha == 0)
            throw new OptionsException("objective.r-drop: this network has no dropout, so both passes of a row are equal and there is nothing to compare. Set model.dropout, or leave it at 0.");
        var settings = AutoSettings.For(options, task, train.Rows, ClassCounts(task, train), NetworkKindOf(start, inputs));
        var ofImages = NetworkKindOf(start, inputs) == NetworkKind.TunedForImages;
        var keepsNorm = options.Method.FreezeBatchNorm ?? (ofImages && options.Method.Name == "full" && train.Rows < AutoSettings.FewPictures);
        var method = MethodPlan.For(network.Graph, options.Method with { FreezeBatchNorm = keepsNorm }, options.Training.WeightDecay, options.Objective.L2Sp, network.Fresh, (ulong)options.Training.Seed,
            TrainingLoop.StepsPerEpoch(train.Rows, settings.BatchSize), adapter: start?.HuggingFace?.Additions);
        var before = start?.HuggingFace?.Additions is null ? network.Graph : method.Merge(method.Adapted);   // an adapter that is trained on came as a part of the model
        if (method.LearnsPairsFirst) PairTuning.Demand(options, task, train, start, notes);
        var engine = ChooseEngine(options, method.Adapted);   // an adapter may need what the dense engine lacks
        if (method.Stages is [.., var last] && last.FirstEpoch >= settings.Epochs)
            throw new OptionsException(string.Create(CultureInfo.InvariantCulture, $"method.unfreeze-every: '{last.Name}' would join after {last.FirstEpoch} epochs, but there are only {settings.Epochs}. Raise training.epochs, lower method.unfreeze-every, or freeze it (method.freeze-layers)."));
        if (start?.FixedRows is { } rows) settings = settings with { MicroBatchSize = rows };
        else if (inputs is ImageInputs pictures && options is { Training: { MicroBatchSize: null, Device: "cpu", GradientCheckpointing: false } } && !settings.Loss.CouplesRows)
        {
            var perRow = ActivationMemory.BytesPerRow(method.Adapted, method.Trainable.Select(t => t.Name).ToHashSet(StringComparer.Ordinal), pictures.Preprocessing.Shape) * settings.Loss.ForwardPasses;
            settings = settings with { MicroBatchSize = ActivationMemory.RowsThatFit(perRow, settings.MicroBatchSize) };
            if (settings.MicroBatchSize < settings.BatchSize)
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"A picture takes about {perRow / 1e6:N0} MB of activations, so a step's {settings.BatchSize} pictures pass {settings.MicroBatchSize} at a time; their gradients are added up (training.micro-batch-size)."));
        }
        if (options.Training.LearningRate is null && start?.HuggingFace is { Model.Config.Shape.Width: var width } && options.Method.Name is not ("head" or SetFit.MethodName))
            settings = settings with { LearningRate = settings.LearningRate * AutoSettings.NarrowFactor(width) };
        // Only AdamW's kind moves weights by the rate whatever the gradient; a head that is kept starts where it is good already.
        double? headRate = inputs is TextInputs && task is not (MaskedLanguageModel or QuestionAnswering) && network.HeadReplaced && options.Training.Optimizer != "sgd" ? HeadRate.For(network.Graph, train, CompileSettings.Of(options), engine) : null;
        if (options.Method.Name is "head" or SetFit.MethodName && options.Training.LearningRate is null && headRate is { } found) settings = settings with { LearningRate = found };
        var headFirst = options.Method.HeadFirst ?? (ofImages && options.Method is { Name: "full" or "last-n", UnfreezeEvery: 0 });
        return new PreparedRun
        {
            Options = options,
            Data = data,
            Splits = splits,
            Schema = data.Rows.Schema,
            Features = data.Features,
            Task = task,
            Inputs = inputs,
            Train = train,
            Validation = data.Encode(inputs, task, splits, SplitPart.Validation, notes),
            Test = data.Encode(inputs, task, splits, SplitPart.Test, notes),
            Method = method,
            Before = before with { Weights = new WeightStore(before.Weights.All) },   // training replaces entries of its own store
            Fresh = network.Fresh,
            Start = start,
            TeacherSha256 = teacher.Sha256,
            HeadRate = headRate,
            GeneralTexts = general,
            HeadReplaced = network.HeadReplaced,
            HeadFirst = headFirst && network.HeadReplaced && method.Trainable.Any(t => !network.Fresh.Contains(t.Name)),
            Upstream = start?.HuggingFace?.Config ?? start?.Folder?.Upstream ?? network.Upstream,
            Engine = engine,
            Threads = options.Training.Threads ?? (engine == "dense" ? 1 : Environment.ProcessorCount),
            Settings = settings,
            Fingerprints = FurtherFiles.Added(data.Fingerprints, options),
            Seen = Seen(splits, seen),
            Notes = notes,
        };
    }

    private static void DemandEmbeddings(ObjectiveOptions objective, Graph network)
    {
        if ((objective.NeftuneAlpha == 0 && objective.FgmEpsilon == 0) || EmbeddingLookups.Of(network).Count > 0) return;
        throw new OptionsException($"objective.{(objective.NeftuneAlpha > 0 ? "neftune-alpha" : "fgm-epsilon")}: acts on embeddings, and this network looks none up. Leave it at 0 (for a table: encoding.categorical=embedding makes some).");
    }

    private const int FewestRows = 10;

    /// <summary>Name of the file of row hashes in a model folder.</summary>
    public const string SeenRowsFile = "seen-rows.bin";

    private static string ChooseEngine(RunOptions options, Graph network)
    {
        try { return ModelEngine.Choose(network, CompileSettings.Of(options), options.Training.Engine); }
        catch (NotSupportedException e) { throw new OptionsException($"training.engine: {e.Message}."); }
    }

    /// <summary>What kind of network a run trains.</summary>
    internal static NetworkKind NetworkKindOf(StartingModel? start, ModelInputs inputs) => (start, inputs) switch
    {
        (null, TableInputs) => NetworkKind.NewForTable,
        (null, TextInputs) => NetworkKind.NewForTexts,
        (_, TableInputs) => NetworkKind.TunedForTable,
        (_, TextInputs) => NetworkKind.TunedForTexts,
        (null, _) => NetworkKind.NewForImages,
        _ => NetworkKind.TunedForImages,
    };

    /// <summary>Training rows per class or label, or words per tag, in output order; empty for regression.</summary>
    internal static int[] ClassCounts(LearningTask task, EncodedSet train)
    {
        if (task is MultiLabelClassification labels) return [.. Enumerable.Range(0, labels.Labels.Count).Select(k => Enumerable.Range(0, train.Rows).Count(row => train.Targets!.Values![row * labels.Labels.Count + k] != 0))];
        if (task is TokenClassification tags)
        {
            var words = new int[tags.Tags.Count];
            foreach (var tag in train.Targets!.Labels!) words[tag]++;
            return words;
        }
        if (task is not Classification classification) return [];
        var counts = new int[classification.Classes.Count];
        foreach (var label in Metrics.ScoredSet.LabelsOf(classification, train.Targets!)) counts[label]++;
        return counts;
    }

    // What an export was made of counts as far as these data have its columns.
    private static SeenRows? SeenBy(StartingModel? start, Table rows, List<string> notes)
    {
        if (start?.Folder is { } earlier) return SeenRows.Load(Path.Combine(ModelFolder.Locate(start.Path), SeenRowsFile), earlier.Card);
        if (start?.HuggingFace is not { } source || SeenRows.Beside(source.Adapter?.Path ?? source.Folder) is not { } seen) return null;
        if (seen.Columns.All(c => rows.TryGet(c, out _))) return seen;
        notes.Add($"{start.Path} was tuned on rows of other columns ({NearestName.Preview(seen.Columns)}), so it cannot be told whether it has seen some of these.");
        return null;
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
