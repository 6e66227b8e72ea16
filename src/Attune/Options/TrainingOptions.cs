using Attune.Optimizers;
using Attune.Schedules;

namespace Attune.Options;

/// <summary>How the loop runs.</summary>
public sealed record TrainingOptions
{
    private static readonly string[] Engines = ["auto", "dense", "torch"];

    /// <summary>Passes over the training rows at most. Default: chosen from the table's size; early stopping usually ends sooner.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rows per optimizer step. Default: chosen from the table's size, 32 to 256.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Rows per forward and backward pass; gradients of a step's passes are accumulated exactly. Default: the batch size; of pictures on the CPU halved until the pass's activations, estimated from shapes, stay below 1.5 GB.</summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>
    /// Tokens per forward and backward pass at most, padding included; long texts then go in smaller passes than short ones. What a step learns stays the same. Default: none, <see cref="MicroBatchSize"/> alone decides.
    /// </summary>
    public int? MicroBatchTokens { get; init; }

    /// <summary>Peak learning rate. Default: the optimizer's and method's (adamw 1e-3 for a new network).</summary>
    public double? LearningRate { get; init; }

    /// <summary>Optimizer by name (see <c>attune list optimizers</c>). Default adamw.</summary>
    public string Optimizer { get; init; } = "adamw";

    /// <summary>Decay of weights (not of biases, norms and embeddings), decoupled for adamw. Default 0.01, PyTorch's AdamW.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Momentum of sgd and rmsprop, in [0, 1). Default 0 (torch).</summary>
    public double? Momentum { get; init; }

    /// <summary>Nesterov's form of sgd's momentum. Default false.</summary>
    public bool? Nesterov { get; init; }

    /// <summary>Decay of the gradient's average in [0, 1): adam, adamw, adamax, adan (default 0.98), adafactor (default none), lamb, lion, nadam, radam. Default 0.9 (Kingma and Ba 2015, arXiv:1412.6980).</summary>
    public double? Beta1 { get; init; }

    /// <summary>Decay of the squared gradient's average in [0, 1), default 0.999 (the same); of rmsprop 0.99; of lion its momentum, 0.99; of adan the gradient's change, 0.92.</summary>
    public double? Beta2 { get; init; }

    /// <summary>Denominator constant of every rule but sgd and lion, greater than 0. Default 1e-8 (the same); adagrad 1e-10, lamb 1e-6, adafactor 1e-30 (added to the squares).</summary>
    public double? Epsilon { get; init; }

    /// <summary>Decay of adan's squares, in [0, 1). Default 0.99.</summary>
    public double? Beta3 { get; init; }

    /// <summary>adam and adamw divide by the largest second moment so far (Reddi et al. 2018). Default false.</summary>
    public bool? Amsgrad { get; init; }

    /// <summary>rmsprop divides by the gradient's deviation instead of its root mean square. Default false.</summary>
    public bool? Centered { get; init; }

    /// <summary>adafactor multiplies the rate by each weight's root mean square. Default false.</summary>
    public bool? ScaleByWeight { get; init; }

    /// <summary>Schedule by name (see <c>attune list schedules</c>). Default cosine.</summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary>Share of all steps during which the rate rises from 0, in [0, 1); none where an epoch is a single step. Default 0.05.</summary>
    public double WarmupRatio { get; init; } = 0.05;

    /// <summary>Lowest rate as a share of the peak, in [0, 1): cosine, cosine-restarts, polynomial, plateau, warmup-stable-decay (default 0), exponential (0.01), one-cycle (4e-6).</summary>
    public double? ScheduleMinimum { get; init; }

    /// <summary>Cosine cycles: of cosine, default half a one; of cosine-restarts, whole ones, default 3.</summary>
    public double? ScheduleCycles { get; init; }

    /// <summary>Length of each cycle of cosine-restarts over that of the one before, at least 1. Default 1.</summary>
    public double? ScheduleCycleGrowth { get; init; }

    /// <summary>Power of polynomial, greater than 0. Default 2.</summary>
    public double? SchedulePower { get; init; }

    /// <summary>Factor of each drop of step and plateau, in (0, 1). Default 0.1 (torch).</summary>
    public double? ScheduleGamma { get; init; }

    /// <summary>Share of all steps after which step drops, again and again, in (0, 1]. Default a third.</summary>
    public double? ScheduleDropEvery { get; init; }

    /// <summary>Share of all steps over which warmup-stable-decay falls at the end, in (0, 1]. Default 0.2.</summary>
    public double? ScheduleDecayRatio { get; init; }

    /// <summary>Epochs without a better validation metric after which plateau lowers the rate, at least 0. Default 3.</summary>
    public int? SchedulePatience { get; init; }

    /// <summary>Share of the best metric by which plateau demands a better one, in [0, 1). Default 1e-4 (torch).</summary>
    public double? ScheduleThreshold { get; init; }

    /// <summary>Largest norm of the gradient; longer ones are scaled down. 0 is off. Default 1.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Epochs without a better validation metric after which training stops; 0 never stops early. Default: chosen with the epochs.</summary>
    public int? Patience { get; init; }

    /// <summary>
    /// Decay of an exponential moving average of the weights, in [0, 1); it is what is validated, kept as best and saved. At step t it is at most (1 + t) / (10 + t). 0 (default) is off; 0.99 to 0.9999 are usual,
    /// the larger the more steps there are.
    /// </summary>
    public double EmaDecay { get; init; }

    /// <summary>Seed of splits, starting weights, order, dropout and bootstrap. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Threads. Results are the same bits for the same seed and thread count. Default: 1 on the dense engine, whose small networks gain nothing from more; every processor on libtorch.</summary>
    public int? Threads { get; init; }

    /// <summary>Engine: <c>auto</c>, <c>dense</c> (managed code for small networks) or <c>torch</c> (libtorch, every network). Default auto: dense where it can run the network.</summary>
    public string Engine { get; init; } = "auto";

    /// <summary>Type of matrix products and convolutions: <c>fp32</c> or <c>bf16</c> (fp32 master weights, libtorch engine; twice as fast on processors with bf16 instructions). Default fp32.</summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>Where the network runs: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default cpu.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Computes activations again in the backward pass instead of keeping them (Chen et al. 2016, arXiv:1604.06174): less memory for about a third more time; libtorch engine. Default false.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>
    /// What to do with the part of the network that no trainable weight reaches: <c>fp32</c> runs it once per row and keeps its values, <c>bf16</c> keeps them in half the
    /// space, <c>off</c> runs it in every epoch. libtorch engine. Default fp32.
    /// </summary>
    public string PrefixCache { get; init; } = "fp32";

    /// <summary>Augmented views of each picture or text whose values are kept; epoch e trains on view e modulo this number, ≥ 1. Default 4.</summary>
    public int PrefixViews { get; init; } = 4;

    /// <summary>Megabytes of memory for kept values. Default 2048.</summary>
    public int PrefixMemory { get; init; } = 2048;

    /// <summary>Megabytes of disk for kept values once memory is full; what fits into neither is computed in every epoch. Default 16384.</summary>
    public int PrefixDisk { get; init; } = 16_384;

    /// <summary>Seconds between checkpoints at the least, and more where writing one takes over a twentieth of them; 0 writes one after every step. One is also written when the run is interrupted. Default 10.</summary>
    public double CheckpointSeconds { get; init; } = 10;

    internal void Validate(Problems problems)
    {
        problems.AtLeast(1, Epochs, "training.epochs");
        problems.AtLeast(1, BatchSize, "training.batch-size");
        problems.AtLeast(1, MicroBatchSize, "training.micro-batch-size");
        problems.AtLeast(1, MicroBatchTokens, "training.micro-batch-tokens");
        if (MicroBatchSize > BatchSize) problems.Add("training.micro-batch-size", $"{MicroBatchSize} is larger than training.batch-size {BatchSize}.");
        problems.Positive(LearningRate, "training.learning-rate");
        problems.OneOf(OptimizerCatalog.Names, Optimizer, "training.optimizer");
        problems.AtLeast(0, WeightDecay, "training.weight-decay");
        problems.OneOf(ScheduleCatalog.Names, Schedule, "training.schedule");
        problems.InRange(0, 1, WarmupRatio, "training.warmup-ratio");
        problems.AtLeast(0, MaxGradientNorm, "training.max-gradient-norm");
        problems.AtLeast(0, Patience, "training.patience");
        problems.InRange(0, 1, EmaDecay, "training.ema-decay");
        problems.AtLeast(0, Seed, "training.seed");
        problems.InRange(1, 257, Threads, "training.threads");
        problems.OneOf(Engines, Engine, "training.engine");
        problems.OneOf(["fp32", "bf16"], Precision, "training.precision");
        if (Device is not ("cpu" or "cuda") && !Device.StartsWith("cuda:", StringComparison.Ordinal)) problems.Add("training.device", $"'{Device}' is no device; cpu, cuda and cuda:N are.");
        problems.OneOf(["fp32", "bf16", "off"], PrefixCache, "training.prefix-cache");
        problems.AtLeast(1, PrefixViews, "training.prefix-views");
        problems.AtLeast(0, PrefixMemory, "training.prefix-memory");
        problems.AtLeast(0, PrefixDisk, "training.prefix-disk");
        if (Engine == "dense" && (Precision != "fp32" || Device != "cpu" || GradientCheckpointing))
            problems.Add("training.engine", "dense computes in fp32 on the CPU and keeps all activations; training.precision, training.device and training.gradient-checkpointing belong to torch.");
        problems.AtLeast(0, CheckpointSeconds, "training.checkpoint-seconds");
        Try(OptimizerCatalog.Names, Optimizer, () => CreateOptimizer());
        Try(ScheduleCatalog.Names, Schedule, () => CreateSchedule(1000, 0));

        void Try(IReadOnlyList<string> names, string name, Action create)
        {
            if (!names.Contains(name)) return;   // said already
            try { create(); }
            catch (OptionsException e) { problems.AddAll(e.Problems); }
        }
    }

    /// <summary>The update rule with its settings.</summary>
    internal Optimizers.Optimizer CreateOptimizer() => OptimizerCatalog.Create(Optimizer, new OptimizerOptions
    {
        Momentum = Momentum,
        Nesterov = Nesterov,
        Beta1 = Beta1,
        Beta2 = Beta2,
        Beta3 = Beta3,
        Epsilon = Epsilon,
        Amsgrad = Amsgrad,
        Centered = Centered,
        ScaleByWeight = ScaleByWeight,
    });

    /// <summary>The schedule with its settings.</summary>
    internal Schedules.Schedule CreateSchedule(long steps, long warmup) => ScheduleCatalog.Create(Schedule, steps, warmup, new ScheduleOptions
    {
        Minimum = ScheduleMinimum,
        Cycles = ScheduleCycles,
        CycleGrowth = ScheduleCycleGrowth,
        Power = SchedulePower,
        Gamma = ScheduleGamma,
        DropEvery = ScheduleDropEvery,
        DecayRatio = ScheduleDecayRatio,
        Patience = SchedulePatience,
        Threshold = ScheduleThreshold,
    });
}
