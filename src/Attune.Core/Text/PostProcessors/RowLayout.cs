namespace Attune.Text.PostProcessors;

/// <summary>The order of a row: texts and tokens that are put in, each with its type id.</summary>
internal sealed class RowLayout(bool isPair, bool addSpecialTokens)
{
    /// <summary>A text (0 or 1) with its tokens to come, or (−1) tokens that are put in.</summary>
    internal readonly record struct Part(int Sequence, int TypeId, IReadOnlyList<(string Token, int Id)> Special);

    public bool AddSpecialTokens => addSpecialTokens;

    public bool IsPair => isPair;

    public List<Part> Parts { get; private set; } = isPair ? [Text(0, 0), Text(1, 1)] : [Text(0, 0)];

    /// <summary>Passes in which spaces are taken out of offsets, in order; true keeps a single space at the text's beginning.</summary>
    public List<bool> Trims { get; } = [];

    public static Part Text(int sequence, int typeId) => new(sequence, typeId, []);

    public static Part Tokens(int typeId, params IReadOnlyList<(string Token, int Id)> tokens) => new(-1, typeId, tokens);

    public void Replace(List<Part> parts) => Parts = parts;
}
