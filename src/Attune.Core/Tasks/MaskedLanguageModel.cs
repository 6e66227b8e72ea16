using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Losses;

namespace Attune.Tasks;

/// <summary>
/// The hidden words of a text, guessed from those around them: what encoders are pre-trained on. V softmax outputs for each chosen token. There is no target column: texts are their own
/// target, and masks make the labels (<see cref="MaskedTokens"/>).
/// </summary>
public sealed class MaskedLanguageModel : LearningTask
{
    /// <summary>Name in files.</summary>
    public const string TaskName = "masked-language-model";

    /// <summary>Name in options.</summary>
    public const string OptionName = "mlm";

    private static readonly CrossEntropy _loss = new();

    /// <summary>A masked language model.</summary>
    /// <param name="text">Column of the texts.</param>
    /// <param name="words">Words V of the network's vocabulary.</param>
    /// <param name="share">Share of the words that are hidden, in (0, 1).</param>
    /// <param name="seed">Addresses the masks.</param>
    public MaskedLanguageModel(string text, int words, double share, ulong seed) => (Target, OutputWidth, MaskShare, Seed) = (text, words, share, seed);

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <summary>Column of the texts.</summary>
    public override string Target { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> TargetColumns => [];

    /// <summary>Words V of the vocabulary.</summary>
    public override int OutputWidth { get; }

    /// <summary>Share of the words that are hidden.</summary>
    public double MaskShare { get; }

    /// <summary>Addresses the masks.</summary>
    public ulong Seed { get; }

    /// <inheritdoc/>
    public override int PredictionWidth => 2;

    /// <inheritdoc/>
    public override string DefaultLoss => "cross-entropy";

    /// <inheritdoc/>
    public override string DefaultMetric => "log_loss";

    /// <summary>Always refused: labels come from masks, not from cells.</summary>
    public override Targets Encode(Table table) => throw new NotSupportedException("Texts make their own targets: encode them with masks.");

    /// <summary>[U, V] → [U, 2]: the logarithm of the most probable word's probability, and the entropy of all in nats.</summary>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions)
    {
        var logarithms = new double[OutputWidth];
        for (int start = 0, unit = 0; start < outputs.Length; start += OutputWidth, unit++)
        {
            Losses.Softmax.Log(outputs.Slice(start, OutputWidth), 1, logarithms);
            var (best, entropy) = (double.NegativeInfinity, 0.0);
            foreach (var p in logarithms)
            {
                best = Math.Max(best, p);
                if (!double.IsNegativeInfinity(p)) entropy -= Math.Exp(p) * p;
            }
            (predictions[2 * unit], predictions[2 * unit + 1]) = ((float)best, (float)entropy);
        }
    }

    /// <summary>[U, V] → [U, 2]: the logarithm of the hidden word's probability, and 1 where no other word is more probable (the first of equals counts).</summary>
    public override void Judge(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels, Span<float> predictions)
    {
        for (int start = 0, unit = 0; start < outputs.Length; start += OutputWidth, unit++)
        {
            var logits = outputs.Slice(start, OutputWidth);
            var (best, max) = (0, logits[0]);
            for (var k = 1; k < logits.Length; k++)
            {
                if (logits[k] > max) (best, max) = (k, logits[k]);
            }
            predictions[2 * unit] = -(float)_loss.Sum(logits, OutputWidth, new LossTargets { Labels = labels.Slice(unit, 1), Rows = 1, ValueWidth = 1 }, [], 1);
            predictions[2 * unit + 1] = best == labels[unit] ? 1 : 0;
        }
    }

    /// <summary>Always refused: a pre-trained encoder is exported as a Hugging Face folder.</summary>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
        => throw new OptionsException("--format: onnx has no use for hidden words. Export the encoder with --format safetensors, or tune a task from it (--model) and export that.");

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Width = OutputWidth, MaskShare = MaskShare, Seed = Seed };
}
