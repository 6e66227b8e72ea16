using Attune.Data;
using Attune.Encoding;
using Attune.Prediction;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Runs;

/// <summary>What simple taggers see: every word, in lower case, as a row of its own.</summary>
/// <param name="inputs">Cuts the words.</param>
/// <param name="task">The tags.</param>
internal sealed class WordBaselines(TextInputs inputs, TokenClassification task)
{
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

    /// <summary>Training words, which become known.</summary>
    public EncodedSet Fit(Table rows) => SetOf(rows, word => _known.TryGetValue(word, out var code) ? code : _known[word] = _known.Count + 1);

    /// <summary>Words of other rows; those that no training row has are 0.</summary>
    public EncodedSet Apply(Table rows) => SetOf(rows, word => _known.GetValueOrDefault(word));

    /// <summary>The words of a row as they were given.</summary>
    public static string[] WordsOf(Table rows, int row, IReadOnlyList<WordToken> words)
    {
        if (rows.TryGet(TokenColumns.Tokens, out var tokens) && !tokens.IsMissing(row))
        {
            var given = WordList.Read(tokens.Text(row));
            return [.. words.Select(word => given[word.Word])];
        }
        var text = rows[TokenColumns.Text].Text(row);
        return [.. words.Select(word => text[word.Start..word.End])];
    }

    private EncodedSet SetOf(Table rows, Func<string, int> code)
    {
        var targets = task.Encode(rows);
        var (_, words) = inputs.TokenizeWords(rows);
        var codes = new int[targets.Rows];
        for (int row = 0, at = 0; row < rows.Rows; row++)
        {
            foreach (var word in WordsOf(rows, row, words[row])) codes[at++] = code(word.ToLowerInvariant());
        }
        return new EncodedSet(targets.Rows, [new IndexInput(Evaluation.Baselines.MajorityByWord.WordsName, 1, codes)], targets);
    }
}
