using Attune.Batching.Augmentation;
using Attune.Encoding;
using Attune.Engines;
using Attune.Models.Text;
using Attune.Prediction;
using Attune.Randomness;

namespace Attune.Runs;

/// <summary>
/// What a masked language model puts into the places of hidden words of training texts, made ahead of training for a few views that are used in turn: one of its ten likeliest words, drawn by their probabilities; neither the word that
/// was there nor a special token.
/// </summary>
internal static class WordGuesses
{
    /// <summary>Views of each text, used in turn.</summary>
    public const int Views = 4;

    private const int Candidates = 10, RowsAtOnce = 64;

    /// <summary>The language model of the folder that a run starts from; null when it has no head for hidden words.</summary>
    /// <param name="start">The start.</param>
    public static TextModel? ModelOf(StartingModel start)
    {
        if (start.HuggingFace is not { } folder) return null;
        try
        {
            var model = HuggingFaceStart.Load(folder.Folder, TextHead.MaskedLanguageModel);
            return model.HasHead ? model.Model : null;
        }
        catch (OptionsException) { return null; }   // a family without such a head
    }

    /// <summary>Guesses for every sequence and view.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="inputs">How texts reach it.</param>
    /// <param name="source">The sequences.</param>
    /// <param name="rule">Which words are hidden.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="progress">Told how many of all texts are done.</param>
    /// <returns>The words of (sequence, view below <see cref="Views"/>).</returns>
    public static Func<int, int, int[]> Make(TextModel model, TextInputs inputs, TokenSource source, MaskingRule rule, int threads, Action<int, int>? progress)
    {
        var sequences = source.Rows * source.PerRow;
        var made = new int[sequences * Views][];
        var settings = inputs.Settings with { Fields = new Dictionary<string, TokenField>(inputs.Settings.Fields, StringComparer.Ordinal) { [TextSettings.SelectedName] = TokenField.Selected } };
        using var network = ModelEngine.Compile(model.Graph, new CompileOptions { MaxRows = RowsAtOnce, Threads = threads });
        var width = network.OutputWidth;
        for (var first = 0; first < made.Length; first += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, made.Length - first);
            var set = SetOf(inputs with { Settings = settings }, source, rule, first, count, sequences, out var hidden);
            var scores = new float[(long)set.Units * width];
            if (set.Units > 0) network.Predict(set, [.. Enumerable.Range(0, count)], scores);
            for (var row = 0; row < count; row++)
            {
                var (start, units) = set.UnitsOf(row);
                var stream = new Philox(rule.Seed, "guessed words", (first + row) / sequences, (first + row) % sequences);
                made[first + row] = [.. Enumerable.Range(0, units).Select(u => Draw(scores.AsSpan((start + u) * width, width), rule, hidden[start + u], stream.Uniform((ulong)u)))];
            }
            progress?.Invoke(first + count, made.Length);
        }
        return (sequence, view) => made[view * sequences + sequence];
    }

    private static EncodedSet SetOf(TextInputs inputs, TokenSource source, MaskingRule rule, int first, int count, int sequences, out List<int> hidden)
    {
        var (ids, types, starts, places, placeStarts) = (new List<int>(), new List<byte>(), new long[count + 1], new List<int>(), new int[count + 1]);
        hidden = [];
        for (var i = 0; i < count; i++)
        {
            var (sequence, view) = ((first + i) % sequences, (first + i) / sequences);
            var (own, kinds) = (new long[source.LengthOf(sequence, view)], new long[source.LengthOf(sequence, view)]);
            source.ReadIds(sequence, view, own);
            source.ReadTypes(sequence, view, kinds);
            foreach (var position in ReplacedTokens.PositionsOf(source, rule, sequence, view))
            {
                hidden.Add((int)own[position]);
                places.Add(position);
                own[position] = rule.MaskId;
            }
            ids.AddRange(own.Select(id => (int)id));
            types.AddRange(kinds.Select(k => (byte)k));
            (starts[i + 1], placeStarts[i + 1]) = (ids.Count, places.Count);
        }
        return new EncodedSet(count, inputs.InputsOf(new TokenSequences(1, [.. ids], [.. types], starts, source.Padding, [.. places], placeStarts)), null, placeStarts);
    }

    private static int Draw(ReadOnlySpan<float> scores, MaskingRule rule, int hidden, float u)
    {
        var best = new PriorityQueue<int, float>();
        for (var word = 0; word < scores.Length; word++)
        {
            if (word == hidden || rule.IsSpecial(word)) continue;
            if (best.Count < Candidates) best.Enqueue(word, scores[word]);
            else if (best.TryPeek(out _, out var least) && scores[word] > least) best.EnqueueDequeue(word, scores[word]);
        }
        if (best.Count == 0) return rule.MaskId;
        List<(int Word, float Score)> ranked = [.. best.UnorderedItems.Select(i => (i.Element, i.Priority)).OrderByDescending(i => i.Priority).ThenBy(i => i.Element)];
        var weights = ranked.Select(r => Math.Exp(r.Score - ranked[0].Score)).ToList();
        var left = u * weights.Sum();
        for (var i = 0; i < ranked.Count; i++)
        {
            left -= weights[i];
            if (left < 0) return ranked[i].Word;
        }
        return ranked[^1].Word;
    }
}
