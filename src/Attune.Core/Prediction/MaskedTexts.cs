using Attune.Data;
using Attune.Encoding;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Prediction;

/// <summary>Texts whose words are hidden in part: what a masked language model learns from and is judged on.</summary>
public static class MaskedTexts
{
    /// <summary>
    /// Encodes the texts of a table with masks. A text of more tokens than the network reads becomes several sequences, each a row of the set; metrics count texts
    /// (<see cref="Targets.RowStarts"/>). Sequences without a word that could be hidden are left out.
    /// </summary>
    /// <param name="inputs">Tokenizer and settings.</param>
    /// <param name="task">Share and seed of the masks.</param>
    /// <param name="table">Rows with the text column.</param>
    /// <param name="counts">Texts that were cut into pieces, texts without a word, tokens.</param>
    /// <exception cref="DataFormatException">No text has a word, or the tokenizer has no mask token.</exception>
    public static EncodedSet Encode(TextInputs inputs, MaskedLanguageModel task, Table table, out TextCounts counts)
    {
        var tokenizer = inputs.Tokenizer;
        if (tokenizer.MaskId is not { } mask) throw new DataFormatException("tokenizer", null, null, "has no mask token ([MASK], <mask>), so words cannot be hidden. Take a model that was pre-trained with masks.");
        var rule = new MaskingRule(mask, tokenizer.SpecialIds, tokenizer.LargestId, task.MaskShare, task.Seed);
        var column = table[inputs.TextColumns[0].Name];
        var encoded = tokenizer.EncodeBatch([.. Enumerable.Range(0, table.Rows).Select(column.Text)], null, new EncodeOptions { MaxLength = inputs.Settings.MaxLength, ReturnOverflow = true });
        var (pieces, textStarts, unitStarts, empty) = (new List<TokenEncoding>(), new int[table.Rows + 1], new List<int> { 0 }, 0);
        for (var text = 0; text < table.Rows; text++)
        {
            foreach (var piece in encoded[text].Overflow.Prepend(encoded[text]))
            {
                var chosen = rule.CountOf(piece.Ids.Count(id => !rule.IsSpecial(id)));
                if (chosen == 0) continue;
                pieces.Add(piece);
                unitStarts.Add(unitStarts[^1] + chosen);
            }
            textStarts[text + 1] = unitStarts[^1];
            if (textStarts[text + 1] == textStarts[text]) empty++;
        }
        if (pieces.Count == 0) throw new DataFormatException(table.Source, null, column.Name, "No text has a word that the tokenizer knows, so nothing can be hidden. Name another column with --text, or take the tokenizer of the texts' language.");
        counts = new TextCounts(encoded.Count(e => e.IsTruncated), empty, pieces.Sum(p => (long)p.Length));
        var source = new MaskedTokens(inputs.SequencesOf(pieces, 1), rule);
        int[] starts = [.. unitStarts];
        var sequenceOf = new int[starts[^1]];
        for (var sequence = 0; sequence < pieces.Count; sequence++) sequenceOf.AsSpan(starts[sequence]..starts[sequence + 1]).Fill(sequence);
        int Label(int unit, int view) => source.Hidden(sequenceOf[unit], unit - starts[sequenceOf[unit]], view);
        int[] labels = [.. Enumerable.Range(0, sequenceOf.Length).Select(unit => Label(unit, StreamedInput.PlainView))];
        return new EncodedSet(pieces.Count, inputs.InputsOf(source), Targets.Classes(labels, Label).InRows(textStarts), starts);
    }
}
