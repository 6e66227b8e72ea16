using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Graphs;
using Attune.Methods;
using Attune.Metrics;
using Attune.Options;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Runs;

/// <summary>
/// The first part of <c>setfit</c>: what lies below the head learns from pairs of training texts. Defaults are those of the SetFit library (1.1): one pass over the pairs in steps of 16,
/// the loss <c>cosine-similarity</c>, rate 2e-5, a tenth of the steps to warm up. Nothing but the seed, the training texts and their labels decides what comes out.
/// </summary>
internal static class PairTuning
{
    private const int BatchSize = 16, MostValidationTexts = 128, ManyTexts = 1_000;
    private const double WarmupRatio = 0.1;

    /// <summary>Refuses runs that pairs of texts cannot help, and says what is coming.</summary>
    /// <param name="options">The options.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="train">Encoded training rows.</param>
    /// <param name="start">What is fine-tuned.</param>
    /// <param name="notes">Receives what a user should know.</param>
    /// <exception cref="OptionsException">There are no texts, or no classes.</exception>
    public static void Demand(RunOptions options, LearningTask task, EncodedSet train, StartingModel? start, List<string> notes)
    {
        if (task is not Classification classes) throw new OptionsException($"method.name: setfit makes pairs of texts of the same class and of different classes; this is {task.Name}. Choose another method.");
        if (train.Inputs.Any(i => i is not TokenInput)) throw new OptionsException("method.name: setfit tunes an encoder of texts, and these rows are none. Choose another method.");
        if (start?.FixedRows is not null) throw new OptionsException($"method.name: setfit compares texts of a batch, and {start.Path} takes one at a time. Export it with a dynamic batch axis.");
        var pairs = ContrastivePairs.Draw(ScoredSet.LabelsOf(classes, train.Targets!), options.Method.Pairs, (ulong)options.Training.Seed).Count;
        if (pairs == 0) throw new OptionsException("method.name: setfit needs pairs of training texts, and there are none. Add rows.");
        notes.Add(string.Create(CultureInfo.InvariantCulture, $"{pairs:N0} pairs of the {train.Rows:N0} training texts tune the encoder before its head learns."));
        if (train.Rows > ManyTexts) notes.Add(string.Create(CultureInfo.InvariantCulture, $"setfit is made for few texts; with {train.Rows:N0} of them --method full usually needs less time, or lower method.pairs."));
    }

    /// <summary>Tunes what lies below the head.</summary>
    /// <param name="run">The run; the weights of its network are replaced.</param>
    /// <param name="compile">Compiles an encoder for passes of so many pairs.</param>
    /// <param name="callbacks">Are told how far it is.</param>
    /// <param name="clock">Only for progress.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>False when it was stopped; the network is then as it was.</returns>
    public static bool Run(PreparedRun run, Func<Graph, IReadOnlyList<TrainableWeight>, int, CompiledModel> compile, IReadOnlyList<Callback> callbacks, TimeProvider clock, CancellationToken stop)
    {
        var encoder = EncoderOf(run.Network);
        var options = OptionsOf(run.Options);
        var width = (int)encoder.Outputs[0].Shape![-1].Size!.Value;
        var task = new SentenceEmbedding(["first", "second"], width, "same");
        var train = Pairs(run.Task, run.Train, run.Options.Method.Pairs, run.Options.Training.Seed);
        var validation = Pairs(run.Task, run.Validation, Math.Max(1, MostValidationTexts / run.Validation.Rows), run.Options.Training.Seed);
        if (validation.Rows == 0) validation = train;   // one text; it decides nothing, because the last weights of one pass are kept
        var settings = AutoSettings.For(options, task, train.Rows, [], NetworkKind.TunedForTexts);
        var plan = MethodPlan.For(encoder, options.Method, options.Training.WeightDecay, 0, new HashSet<string>());
        using var model = compile(encoder, plan.Trainable, settings.BatchSize);
        var loop = new TrainingLoop(model, task, settings, train, validation);
        if (!loop.Run(null, [new StepProgress(callbacks)], _ => { }, clock, stop).Finished) return false;
        model.SaveWeights();
        foreach (var trained in plan.Trainable) run.Network.Weights.Replace(encoder.Weights[trained.Name]);
        return true;
    }

    /// <summary>The network up to the vector that its head reads.</summary>
    /// <exception cref="OptionsException">The head reads no vector of one text.</exception>
    private static Graph EncoderOf(Graph network)
    {
        var encoder = HeadReplacement.CutAtFeatures(network);
        var features = encoder.Outputs[0];
        if (features.Shape is not { Rank: 2 } shape || shape[1].Size is null) throw new OptionsException($"method.name: the head reads '{features.Name}' {features.Shape?.ToString() ?? "[…]"}; setfit needs one vector a text [B, width]. Name another place with --head-at.");
        return encoder;
    }

    private static RunOptions OptionsOf(RunOptions options) => options with
    {
        Method = new MethodOptions { Freeze = options.Method.Freeze, FreezeLayers = options.Method.FreezeLayers, LayerRateDecay = options.Method.LayerRateDecay },
        Objective = new ObjectiveOptions { Loss = "cosine-similarity" },
        Evaluation = new EvaluationOptions(),
        Training = options.Training with { Epochs = 1, BatchSize = BatchSize, MicroBatchSize = null, LearningRate = options.Method.PairLearningRate, WarmupRatio = WarmupRatio, EmaDecay = 0 },
    };

    private static EncodedSet Pairs(LearningTask task, EncodedSet texts, int each, long seed)
        => ContrastivePairs.Of(texts, ContrastivePairs.Draw(ScoredSet.LabelsOf((Classification)task, texts.Targets!), each, (ulong)seed));

    /// <summary>Steps as progress of a part of the run, whose own steps come later.</summary>
    private sealed class StepProgress(IReadOnlyList<Callback> callbacks) : Callback
    {
        public override void Step(in StepReport report)
        {
            foreach (var callback in callbacks) callback.Progress("steps over pairs of texts", (int)report.Step, (int)report.TotalSteps);
        }
    }
}
