using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Options;
using Attune.Schedules;
using Attune.Tasks;

namespace Attune.Training;

/// <summary>Fills every training choice that the user left open, from the number of training rows and the kind of run; pure, so a resumed run decides the same.</summary>
public static class AutoSettings
{
    /// <summary>The settings of a run with nothing left to choose.</summary>
    /// <param name="options">The user's options.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="classCounts">Training rows per class or label, words per tag, in output order; empty for regression.</param>
    /// <param name="kind">The network.</param>
    public static TrainingSettings For(RunOptions options, LearningTask task, int rows, IReadOnlyList<int> classCounts, NetworkKind kind)
    {
        var training = options.Training;
        var images = kind is NetworkKind.NewForImages or NetworkKind.TunedForImages;
        var texts = kind is NetworkKind.TunedForTexts or NetworkKind.NewForTexts;
        var fresh = kind == NetworkKind.NewForTexts;
        var batch = Math.Min(rows, training.BatchSize ?? (images ? ImageBatch : task is SentenceEmbedding ? EmbeddingBatch : texts ? (fresh ? FreshTextBatch : TextBatch) : BatchSize(rows)));
        var epochs = training.Epochs ?? (fresh ? FreshTextEpochs(rows) : texts ? TextEpochs(rows, options.Method.Name) : images ? ImageEpochs(rows, kind, options.Method.Name) : Epochs(rows) * (task is Regression && rows < 5_000 ? 2 : 1));
        var perEpoch = TrainingLoop.StepsPerEpoch(rows, batch);
        var steps = (long)epochs * perEpoch;
        // A warm-up begins at rate 0. Where an epoch is one step, the first would change nothing and might yet be called the best.
        var warmup = perEpoch == 1 ? 0 : Math.Min(steps - 1, (long)Math.Ceiling(training.WarmupRatio * steps));
        var metric = MetricCatalog.Get(options.Evaluation.Metric ?? task.DefaultMetric, KindOf(task));
        return new TrainingSettings
        {
            Loss = CreateLoss(options.Objective, task, rows, classCounts),
            Optimizer = training.CreateOptimizer(),
            Schedule = training.CreateSchedule(steps, warmup),
            Metric = metric,
            LearningRate = training.LearningRate ?? (fresh ? FreshTextRate * OptimizerCatalog.UsualRate(training.Optimizer) : texts ? TextRate(training.Optimizer, options.Method.Name) : images ? ImageRate(training.Optimizer, rows, kind, options.Method.Name) : LearningRate(training.Optimizer, task, rows, kind == NetworkKind.TunedForTable && options.Method.Name == "full")),
            Epochs = epochs,
            BatchSize = batch,
            MicroBatchSize = Math.Min(batch, training.MicroBatchSize ?? batch),
            MicroBatchTokens = training.MicroBatchTokens ?? 0,
            BucketByLength = options.Text.BucketByLength,
            MaxGradientNorm = training.MaxGradientNorm,
            Patience = training.Patience ?? (training.Epochs is null ? Math.Max(5, epochs / 5) : 0),
            EmaDecay = training.EmaDecay,
            FgmEpsilon = options.Objective.FgmEpsilon,
            Seed = (ulong)training.Seed,
            CheckpointSeconds = training.CheckpointSeconds,
        };
    }

    /// <summary>The kind of metrics a task has.</summary>
    public static MetricTasks KindOf(LearningTask task) => task.MetricTasks();

    private const int ImageBatch = 32, TextBatch = 16, FreshTextBatch = 32, EmbeddingBatch = 32;   // of an embedding the other rows of a batch are the negatives

    // Three to five passes with a rate of 2e-5 to 5e-5 are what BERT's makers searched (Devlin et al. 2019, arXiv:1810.04805, appendix A.3); few rows need more of them (Mosbach et al. 2021,
    // arXiv:2006.04884). A head alone costs next to nothing once its features are kept.
    private static int TextEpochs(int rows, string method) => method is "head" or "setfit" ? 60 : rows < 200 ? 40 : rows < 1_000 ? 10 : rows < 5_000 ? 5 : 3;

    // A small encoder from nothing: as many passes as make some ten thousand steps, at the rate of small BERTs (Turc et al. 2019, arXiv:1908.08962).
    private static int FreshTextEpochs(int rows) => rows < 1_000 ? 100 : rows < 5_000 ? 40 : rows < 20_000 ? 20 : 10;

    private const double FreshTextRate = 5e-4;

    /// <summary>Factor on the rate of a text encoder that is narrower than MiniLM: 768 / width (Turc et al. tune theirs at up to six times BERT's rate). docs/log.md, 2026-11-24.</summary>
    internal static double NarrowFactor(int width) => width < 384 ? 768.0 / width : 1;

    private static double TextRate(string optimizer, string method)
    {
        var adam = method switch { "head" or "setfit" => 1e-3, "full" or "last-n" => 5e-5, "prefix-tuning" or "prompt-tuning" => 5e-3, _ => 5e-4 };   // of learned tokens: Liu et al. 2021, arXiv:2110.07602
        return optimizer == "sgd" ? 100 * adam : adam;
    }

    // A head alone costs next to nothing once its features are kept; a whole network learns most in its first passes.
    private static int ImageEpochs(int rows, NetworkKind kind, string method)
        => kind == NetworkKind.NewForImages ? (rows < 5_000 ? 60 : 30) : method == "head" ? 60 : rows < FewPictures ? 20 : rows < 20_000 ? 10 : 5;

    /// <summary>Below so many training pictures a pretrained network is trained with care: a smaller rate, BatchNormalization's statistics kept.</summary>
    public const int FewPictures = 2_000;

    private static double ImageRate(string optimizer, int rows, NetworkKind kind, string method)
    {
        var adam = kind == NetworkKind.NewForImages || method is "head" or "lora" or "rslora" or "dora" or "ia3" or "bitfit" or "bottleneck" or "norm-only" ? 1e-3 : rows < FewPictures ? 1e-4 : 2e-4;
        return optimizer == "sgd" ? 25 * adam : adam * OptimizerCatalog.UsualRate(optimizer);
    }

    private static int BatchSize(int rows) => rows < 2_000 ? 32 : rows < 10_000 ? 64 : rows < 50_000 ? 128 : 256;

    private static int Epochs(int rows) => rows < 5_000 ? 100 : rows < 20_000 ? 60 : 40;

    // Chosen on ten real tables by validation metric (docs/log.md, 2026-11-23): squared error wants larger steps than log loss; a tuned model needs smaller ones.
    private static double LearningRate(string optimizer, LearningTask task, int rows, bool tunesAll)
    {
        var fresh = optimizer == "sgd" ? 0.05 : OptimizerCatalog.UsualRate(optimizer) * (task is not Regression ? (rows < 2_000 ? 3e-3 : 1e-3) : rows < 10_000 ? 1e-2 : 5e-3);
        return tunesAll ? fresh / 3 : fresh;
    }

    private static Loss CreateLoss(ObjectiveOptions objective, LearningTask task, int rows, IReadOnlyList<int> classCounts)
    {
        var name = objective.Loss ?? task.DefaultLoss;
        var problems = new Problems();
        var isRegression = task is Regression;
        if (task is QuestionAnswering) return SpanLoss(objective);
        var fitting = task is SentenceEmbedding pairs ? pairs.Losses : LossCatalog.NamesFor(KindsOf(task)).Except(["feature-distillation"]).ToList();
        if (task is SentenceEmbedding) RefuseForEmbeddings(objective, problems);
        if (!fitting.Contains(name)) problems.Add("objective.loss", $"{name} does not fit {Describe(task)}; {string.Join(", ", fitting)} do.");
        if (isRegression && objective.LabelSmoothing > 0) problems.Add("objective.label-smoothing", "belongs to classification; this is a regression.");
        if (isRegression && objective.ClassWeights != "none") problems.Add("objective.class-weights", "belongs to classification; this is a regression.");
        if (isRegression && objective.ConfidencePenalty > 0) problems.Add("objective.confidence-penalty", "belongs to classification; values have no entropy.");
        problems.ThrowIfAny();

        var options = new LossOptions
        {
            LabelSmoothing = objective.LabelSmoothing,
            Delta = objective.Delta,
            FocalGamma = objective.FocalGamma,
            FocalAlpha = objective.FocalAlpha,
            GammaPositive = objective.GammaPositive,
            GammaNegative = objective.GammaNegative,
            Clip = objective.Clip,
            Quantile = objective.Quantile,
            TweediePower = objective.TweediePower,
            Margin = objective.Margin,
            Scale = objective.Scale,
            HardNegatives = name == "multiple-negatives-ranking" ? (task as SentenceEmbedding)?.Texts.Count - 2 : null,
        };
        if (name == "focal" && objective.FocalAlpha is not null && task is Classification { Classes.Count: > 2 })
            throw new OptionsException("objective.focal-alpha: weighs positives of two classes or labels; of more classes use objective.class-weights.");
        if (objective.ClassWeights == "balanced") options = Balanced(options, name, task, rows, classCounts);
        if (objective.NamedWeights is { } named) options = Weighted(options, name, task, named);
        return Regularized(objective, LossCatalog.Create(name, options), KindOfOutputs(task));
    }

    private static SpanCrossEntropy SpanLoss(ObjectiveOptions objective)
    {
        var problems = new Problems();
        var usual = new ObjectiveOptions();
        const string why = "has no effect on question answering, which learns where an answer begins and ends. Leave it out.";
        if (objective.Loss is not (null or "span-cross-entropy")) problems.Add("objective.loss", why);
        if (objective.LabelSmoothing > 0) problems.Add("objective.label-smoothing", why);
        if (objective.ClassWeights != usual.ClassWeights) problems.Add("objective.class-weights", why);
        if (objective.ConfidencePenalty > 0) problems.Add("objective.confidence-penalty", why);
        if (objective.Teacher is not null) problems.Add("objective.teacher", why);
        if (objective.RDrop > 0) problems.Add("objective.r-drop", why);
        problems.ThrowIfAny();
        return new SpanCrossEntropy();
    }

    private static void RefuseForEmbeddings(ObjectiveOptions objective, Problems problems)
    {
        const string why = "has no effect on an embedding, which has no classes. Leave it out.";
        if (objective.LabelSmoothing > 0) problems.Add("objective.label-smoothing", why);
        if (objective.ClassWeights != "none") problems.Add("objective.class-weights", why);
        if (objective.ConfidencePenalty > 0) problems.Add("objective.confidence-penalty", why);
        if (objective.RDrop > 0) problems.Add("objective.r-drop", "compares two passes of one output a row; an embedding has an output for each text. Leave it at 0.");
    }

    private static LossOptions Balanced(LossOptions options, string loss, LearningTask task, int rows, IReadOnlyList<int> classCounts)
    {
        if (task is MultiLabelClassification) return options with { PositiveWeight = [.. classCounts.Select(n => (float)((double)(rows - n) / n))] };
        if (task is not (Classification or TokenClassification)) return options;
        if (task is not Classification { Classes.Count: 2 } classification) return options with { ClassWeights = [.. BalancedWeights(classCounts).Select(w => (float)w)] };
        return OfTwo(options, loss, classCounts[1 - classification.PositiveIndex], classCounts[classification.PositiveIndex]);
    }

    /// <summary>Rows / (classes · rows of the class), as scikit-learn's <c>balanced</c>; 0 for a class without rows.</summary>
    internal static double[] BalancedWeights(IReadOnlyList<int> classCounts)
        => [.. classCounts.Select(n => n == 0 ? 0 : classCounts.Sum() / (classCounts.Count * (double)n))];

    private static LossOptions Weighted(LossOptions options, string loss, LearningTask task, IReadOnlyList<(string Name, float Weight)> named)
    {
        var weights = new float[task.PredictionNames.Count];
        Array.Fill(weights, 1);
        foreach (var (name, weight) in named)
        {
            var at = task.PredictionNames.ToList().IndexOf(name);
            if (at < 0) throw new OptionsException($"objective.class-weights: '{name}' is no class of '{task.Target}'.{NearestName.Hint(name, task.PredictionNames)} The classes are {NearestName.Preview(task.PredictionNames)}.");
            weights[at] = weight;
        }
        return task switch
        {
            MultiLabelClassification => options with { PositiveWeight = weights },
            Classification { Classes.Count: 2 } two => OfTwo(options, loss, weights[two.PositiveIndex], weights[1 - two.PositiveIndex]),
            _ => options with { ClassWeights = weights },
        };
    }

    // The focal loss of two classes has no weight but α.
    private static LossOptions OfTwo(LossOptions options, string loss, double positive, double negative)
        => loss == "focal" ? options with { FocalAlpha = options.FocalAlpha ?? positive / (positive + negative) } : options with { PositiveWeight = [(float)(positive / negative)] };

    /// <summary>The loss with what is added to it; R-Drop comes last, because it needs two passes of all the rest.</summary>
    private static Loss Regularized(ObjectiveOptions objective, Loss loss, OutputKind kind)
    {
        if (objective.ConfidencePenalty > 0) loss = new ConfidencePenalty(loss, kind, objective.ConfidencePenalty);
        if (objective.Teacher is not null) loss = new Distillation(loss, kind, objective.DistillationTemperature ?? 2, objective.DistillationWeight ?? 0.5);
        return objective.RDrop > 0 ? new RDrop(loss, kind, objective.RDrop) : loss;
    }

    private static LossKinds KindsOf(LearningTask task) => task switch
    {
        Regression { IsLogarithmic: true } => LossKinds.LogRegression,
        Regression => LossKinds.Regression,
        MultiLabelClassification => LossKinds.MultiLabel,
        SentenceEmbedding => LossKinds.Embeddings,
        _ => task.OutputWidth == 1 ? LossKinds.Binary : LossKinds.MultiClass,
    };

    /// <summary>What the outputs of a task mean.</summary>
    public static OutputKind KindOfOutputs(LearningTask task) => KindsOf(task) switch
    {
        LossKinds.Regression or LossKinds.LogRegression or LossKinds.Embeddings => OutputKind.Identity,
        LossKinds.MultiClass => OutputKind.Softmax,
        _ => OutputKind.Sigmoid,
    };

    private static string Describe(LearningTask task) => task is Regression ? $"the regression of '{task.Target}'" : task is SentenceEmbedding e ? $"an embedding learned from {(e.Score is null ? $"{e.Texts.Count} texts a row" : "scores")}" : $"{task.PredictionNames.Count} {(task switch { Classification => "classes", TokenClassification => "tags", _ => "labels" })}";
}
