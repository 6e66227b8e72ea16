using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>
/// Predicts for every word the tags that it had in the training split, and for unknown words the frequencies of all tags (hence mostly <c>O</c>). Each word's counts get one more word
/// with the frequencies of all, so that no probability is 0 where a word is rare.
/// </summary>
public sealed class MajorityByWord : Baseline
{
    /// <summary>Name of the block of words.</summary>
    public const string WordsName = "words";

    private readonly float[] _probabilities;   // [words, K]; word 0 is every unknown one

    /// <summary>Counts the tags of each word.</summary>
    /// <param name="task">The tags.</param>
    /// <param name="train">One row a word: its index in <see cref="WordsName"/>, 0 for an unknown one.</param>
    public MajorityByWord(TokenClassification task, EncodedSet train) : base(task)
    {
        var (words, labels, width) = (WordsOf(train), train.Targets!.Labels!, task.Tags.Count);
        var all = new double[width];
        foreach (var label in labels) all[label] += 1.0 / labels.Length;
        var counts = new double[(words.Length == 0 ? 1 : words.Max() + 1) * width];
        for (var i = 0; i < counts.Length; i++) counts[i] = all[i % width];
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] > 0) counts[words[i] * width + labels[i]]++;
        }
        _probabilities = new float[counts.Length];
        for (var start = 0; start < counts.Length; start += width)
        {
            var sum = counts.AsSpan(start, width).ToArray().Sum();
            for (var k = 0; k < width; k++) _probabilities[start + k] = (float)(counts[start + k] / sum);
        }
    }

    /// <inheritdoc/>
    public override string Name => "majority-by-word";

    /// <inheritdoc/>
    public override float[] Predict(EncodedSet set)
    {
        var (words, width) = (WordsOf(set), Task.PredictionWidth);
        var predictions = new float[words.Length * width];
        for (var i = 0; i < words.Length; i++)
        {
            var word = (words[i] + 1) * width <= _probabilities.Length ? words[i] : 0;
            _probabilities.AsSpan(word * width, width).CopyTo(predictions.AsSpan(i * width));
        }
        return predictions;
    }

    private static int[] WordsOf(EncodedSet set) => set.Inputs.OfType<IndexInput>().First(i => i.Name == WordsName).Values;
}
