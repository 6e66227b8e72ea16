using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>Guesses hidden words from how often each word occurs in the training texts, whatever stands around them: (n + 1) / (N + V).</summary>
public sealed class WordFrequency : Baseline
{
    private readonly float[] _logarithms;
    private readonly int _best;

    /// <summary>Counts the words.</summary>
    /// <param name="task">Gives the vocabulary's size V.</param>
    /// <param name="counts">How often each word occurs, [V].</param>
    public WordFrequency(MaskedLanguageModel task, IReadOnlyList<long> counts) : base(task)
    {
        if (counts.Count != task.OutputWidth) throw new ArgumentException($"{counts.Count} counts for {task.OutputWidth} words.", nameof(counts));
        double all = counts.Sum() + counts.Count;
        _logarithms = [.. counts.Select(n => (float)Math.Log((n + 1) / all))];
        for (var word = 1; word < counts.Count; word++)
        {
            if (counts[word] > counts[_best]) _best = word;
        }
    }

    /// <inheritdoc/>
    public override string Name => "word-frequency";

    /// <inheritdoc/>
    public override float[] Predict(EncodedSet set)
    {
        var labels = set.Targets!.Labels!;
        var judged = new float[2 * labels.Length];
        for (var unit = 0; unit < labels.Length; unit++) (judged[2 * unit], judged[2 * unit + 1]) = (_logarithms[labels[unit]], labels[unit] == _best ? 1 : 0);
        return judged;
    }
}
