using Attune.Encoding;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;

namespace Attune.Engines;

/// <summary>How random nodes and BatchNormalization behave in a training pass.</summary>
public enum TrainingMode
{
    /// <summary>Dropout draws; BatchNormalization uses and updates batch statistics (unless frozen).</summary>
    Random,

    /// <summary>Dropout off, BatchNormalization on running statistics: for self-tests and full-batch solvers.</summary>
    Deterministic,
}

/// <summary>Address of one forward and backward pass, from which all randomness follows.</summary>
/// <param name="Step">Optimizer step, 0-based.</param>
/// <param name="Index">Pass inside the accumulation window, 0-based.</param>
/// <param name="Mode">Whether random nodes draw.</param>
/// <param name="Epoch">Epoch, 0-based: the view of streamed rows that are augmented.</param>
public readonly record struct MicroStep(long Step, int Index, TrainingMode Mode = TrainingMode.Random, int Epoch = 0);

/// <summary>How one weight trains.</summary>
/// <param name="Name">Canonical weight name.</param>
/// <param name="LearningRateScale">Factor on the scheduled rate (layer-wise rates); 1 is plain.</param>
/// <param name="WeightDecay">Decay for this weight; 0 for biases and norms by default.</param>
/// <param name="L2Sp">Strength α of α/2·‖w − w₀‖² towards the weights at compile time (Li et al. 2018, arXiv:1802.01483); 0 is off.</param>
public sealed record TrainableWeight(string Name, double LearningRateScale = 1, double WeightDecay = 0, double L2Sp = 0)
{
    /// <summary>
    /// Optimizer step from which the weight takes part (gradual unfreezing). Before it an update changes neither the weight nor its optimizer state, whatever decay and
    /// rate are, and the gradient does not count for <see cref="CompiledModel.GradientNorm(long)"/>; from then on the rule sees step numbers counted from here, so that bias correction starts anew. Default 0.
    /// </summary>
    public long FirstStep { get; init; }
}

/// <summary>Type in which matrix products and convolutions are computed; weights, gradients and optimizer states are fp32 in any case.</summary>
public enum Precision
{
    /// <summary>fp32 throughout.</summary>
    Float32,

    /// <summary>bf16 inputs of matrix products and convolutions, fp32 master weights, normalisation and loss.</summary>
    BFloat16,
}

/// <summary>What a model is compiled for.</summary>
public sealed record CompileOptions
{
    /// <summary>Weights that train, in store order; all others stay frozen byte for byte.</summary>
    public IReadOnlyList<TrainableWeight> Trainable { get; init; } = [];

    /// <summary>The graph output (or inner value) that is computed; null for the first output. Nodes it does not need are dropped.</summary>
    public string? Output { get; init; }

    /// <summary>Largest number of rows in one pass; buffers are sized for it.</summary>
    public int MaxRows { get; init; } = 1024;

    /// <summary>Threads, ≥ 1. Results are the same bits for the same seed and thread count.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Seed of every random node.</summary>
    public ulong Seed { get; init; }

    /// <summary>Keeps BatchNormalization's running statistics as they are and uses them in training.</summary>
    public bool FreezeBatchNorm { get; init; }

    /// <summary>Type of matrix products and convolutions. Default fp32; the dense engine has no other.</summary>
    public Precision Precision { get; init; }

    /// <summary>Where the model runs: <c>cpu</c>, or <c>cuda</c> and <c>cuda:1</c> on the libtorch engine. Default cpu.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Recomputes activations in the backward pass instead of keeping them: less memory, about a third more time; libtorch engine only. Default false.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>α of mixup's Beta(α, α) over the rows of a micro-batch in training; 0 (default) is off. libtorch engine only.</summary>
    public double Mixup { get; init; }

    /// <summary>α of CutMix's Beta(α, α) in training; 0 (default) is off. libtorch engine only.</summary>
    public double Cutmix { get; init; }

    /// <summary>
    /// α of NEFTune: in training uniform noise in ±α/√(T·D) on embeddings [T, D] of each row (<see cref="EmbeddingLookups"/>; Jain et al. 2023, arXiv:2310.05914, algorithm 1).
    /// 0 (default) is off.
    /// </summary>
    public double NeftuneAlpha { get; init; }

    /// <summary>Keeps the values of the part that no trainable weight reaches, for sets that are prepared; null (default) runs everything every time. libtorch engine only.</summary>
    public PrefixCacheOptions? PrefixCache { get; init; }

    /// <summary>Holds the weights once for several models that only predict; null (default) gives each its own copy. libtorch engine only.</summary>
    public SharedWeights? Shared { get; init; }
}

/// <summary>
/// A graph made ready to run: accumulate gradients, update, predict. Not thread-safe; one per run. Predictions and gradients are deterministic.
/// Trained values live in the engine until <see cref="SaveWeights"/> writes them back to the graph's store.
/// </summary>
public abstract class CompiledModel : IDisposable
{
    /// <summary>The graph that runs (its weights are the starting point; see <see cref="SaveWeights"/>).</summary>
    public abstract Graph Graph { get; }

    /// <summary>Outputs per row.</summary>
    public abstract int OutputWidth { get; }

    /// <summary>The weights that train.</summary>
    public abstract IReadOnlyList<TrainableWeight> Trainable { get; }

    /// <summary>
    /// Largest relative difference that rounding may cause between one pass and several over the same rows; the self-test's limit. Default 1e-5; libtorch chooses other kernels for
    /// other numbers of rows, and bf16 keeps 8 bits.
    /// </summary>
    public virtual double Rounding => 1e-5;

    /// <summary>Largest relative difference between rows from what <see cref="Prepare"/> keeps and rows computed anew; null (default) when it keeps nothing.</summary>
    public virtual double? PrefixRounding => null;

    /// <summary>Forward and backward over some rows; adds the gradient of sum / <paramref name="normalizer"/> to the gradients and returns the loss sum.</summary>
    /// <param name="set">Encoded rows with targets.</param>
    /// <param name="rows">Row indices, at most <see cref="CompileOptions.MaxRows"/>.</param>
    /// <param name="loss">The objective.</param>
    /// <param name="normalizer">Count of the whole accumulation window.</param>
    /// <param name="position">Address of this pass.</param>
    public abstract double Accumulate(EncodedSet set, ReadOnlySpan<int> rows, Loss loss, double normalizer, in MicroStep position);

    /// <summary>
    /// Computes ahead what does not change while a set is trained on or predicted (the frozen prefix of the network), so that later passes start behind it. Changes no
    /// result but for rounding. Does nothing where there is nothing to keep, or when the set is prepared already.
    /// </summary>
    /// <param name="set">The rows.</param>
    /// <param name="epoch">Epoch whose augmented view is prepared; -1 for the plain rows that <see cref="Predict"/> reads.</param>
    /// <param name="progress">Receives rows done and all rows.</param>
    /// <param name="stop">Ends early.</param>
    /// <returns>False when it was stopped.</returns>
    public virtual bool Prepare(EncodedSet set, int epoch, Action<int, int>? progress = null, CancellationToken stop = default) => true;

    /// <summary>Frees what <see cref="Prepare"/> keeps of a set. Does nothing where there is nothing.</summary>
    /// <param name="set">The rows.</param>
    public virtual void Forget(EncodedSet set) { }

    /// <summary>Says which rows the next training pass reads, so that streamed ones are made in the background. A hint: it changes no result.</summary>
    /// <param name="set">The rows' set.</param>
    /// <param name="rows">Row indices; may be empty.</param>
    /// <param name="epoch">Epoch of the pass.</param>
    public virtual void Expect(EncodedSet set, ReadOnlySpan<int> rows, int epoch) { }

    /// <summary>Euclidean norm of all gradients (L2-SP's included), computed in double.</summary>
    public abstract double GradientNorm();

    /// <summary>The norm over the weights that take part at a step (<see cref="TrainableWeight.FirstStep"/>). The default is right where all do from step 0.</summary>
    /// <param name="step">Optimizer step, 0-based.</param>
    public virtual double GradientNorm(long step) => GradientNorm();

    /// <summary>Applies one optimizer step to every trainable weight and clears the gradients.</summary>
    /// <param name="optimizer">The rule; the same instance for a whole run.</param>
    /// <param name="update">Step, scheduled rate and gradient scale; its WeightDecay is ignored, each weight has its own. A weight whose <see cref="TrainableWeight.FirstStep"/> lies ahead is left alone.</param>
    public abstract void Update(Optimizer optimizer, in UpdateStep update);

    /// <summary>Clears the gradients without an update.</summary>
    public abstract void ClearGradients();

    /// <summary>Evaluation-mode outputs of some rows, [rows, OutputWidth]; any number of rows.</summary>
    public abstract void Predict(EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs);

    /// <summary>Copies a trainable weight's gradient in the store's layout.</summary>
    public abstract void ReadGradient(string weight, Span<float> destination);

    /// <summary>Copies a weight or buffer in the store's layout.</summary>
    public abstract void ReadWeight(string weight, Span<float> destination);

    /// <summary>Sets a weight or buffer from the store's layout.</summary>
    public abstract void WriteWeight(string weight, ReadOnlySpan<float> source);

    /// <summary>Everything that training changes, keyed by weight name in the store's layout: weights, buffers, optimizer state.</summary>
    public abstract TrainingState Capture();

    /// <summary>Puts a captured state back, to the bit.</summary>
    public abstract void Restore(TrainingState state);

    /// <summary>Writes trained weights and buffers back into the graph's store.</summary>
    public abstract void SaveWeights();

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A copy of what training changes; arrays are in the store's layout.</summary>
/// <param name="Weights">Trainable weights and changing buffers by name.</param>
/// <param name="States">The optimizer's states in order, each by weight name; those past the last one that is used are left out.</param>
public sealed record TrainingState(IReadOnlyDictionary<string, float[]> Weights, IReadOnlyList<IReadOnlyDictionary<string, float[]>> States)
{
    private static readonly Dictionary<string, float[]> Unused = [];

    /// <summary>The optimizer's state of an index, 0-based; empty when unused.</summary>
    public IReadOnlyDictionary<string, float[]> State(int index) => index < States.Count ? States[index] : Unused;
}
