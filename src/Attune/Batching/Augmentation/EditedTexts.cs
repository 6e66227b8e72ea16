using Attune.Encoding;
using Attune.Randomness;
using Attune.Text;

namespace Attune.Batching.Augmentation;

/// <summary>Token sequences of texts whose words are edited anew in each view; the plain view is the text as it is. What a view holds follows from seed, view and sequence alone.</summary>
public sealed class EditedTexts : TokenSource
{
    private readonly TokenSequences _plain;
    private readonly ViewMemory<(int[] Ids, byte[] Types)> _views;

    /// <summary>Edits over sequences.</summary>
    /// <param name="plain">The sequences of the texts as they are.</param>
    /// <param name="texts">The text of each sequence.</param>
    /// <param name="pairs">The second text of each sequence, which is edited, too; null without pairs.</param>
    /// <param name="tokenizer">From text to ids.</param>
    /// <param name="maxLength">Tokens at most; longer ones are cut.</param>
    /// <param name="edits">What is done.</param>
    /// <param name="seed">Addresses all draws.</param>
    public EditedTexts(TokenSequences plain, IReadOnlyList<string> texts, IReadOnlyList<string>? pairs, Tokenizer tokenizer, int maxLength, WordEdits edits, ulong seed) : base(plain.Rows, plain.PerRow, plain.Padding)
    {
        if (texts.Count != plain.Rows * plain.PerRow || (pairs is not null && pairs.Count != texts.Count)) throw new ArgumentException($"{texts.Count} texts for {plain.Rows * plain.PerRow} sequences.", nameof(texts));
        _plain = plain;
        var options = new EncodeOptions { MaxLength = maxLength };
        _views = new((sequence, view) =>
        {
            string Edited(string text, string name) => edits.Apply(text, new Philox(seed, name, view, sequence));
            var encoded = tokenizer.Encode(Edited(texts[sequence], "edited words"), pairs is null ? null : Edited(pairs[sequence], "edited words of the second text"), options);
            return (encoded.Ids, Array.ConvertAll(encoded.TypeIds, t => (byte)t));
        });
    }

    /// <inheritdoc/>
    public override bool IsAugmented => true;

    /// <inheritdoc/>
    public override int LengthOf(int sequence, int view) => view < 0 ? _plain.LengthOf(sequence, view) : _views[sequence, view].Ids.Length;

    /// <inheritdoc/>
    public override void ReadIds(int sequence, int view, Span<long> ids)
    {
        if (view < 0)
        {
            _plain.ReadIds(sequence, view, ids);
            return;
        }
        var made = _views[sequence, view].Ids;
        for (var i = 0; i < made.Length; i++) ids[i] = made[i];
    }

    /// <inheritdoc/>
    public override void ReadTypes(int sequence, int view, Span<long> types)
    {
        if (view < 0)
        {
            _plain.ReadTypes(sequence, view, types);
            return;
        }
        var made = _views[sequence, view].Types;
        for (var i = 0; i < made.Length; i++) types[i] = made[i];
    }
}
