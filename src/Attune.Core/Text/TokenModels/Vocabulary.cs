namespace Attune.Text.TokenModels;

/// <summary>Tokens and ids, both ways. Ids may have gaps.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly string?[] _tokens;
    private readonly Dictionary<int, string> _far = [];

    public Vocabulary(IReadOnlyList<(string Token, int Id)> entries)
    {
        // Ids far beyond the number of entries (a damaged file) go into a map instead of an array.
        var near = entries.Where(e => e.Id < 4L * entries.Count + 65536).Select(e => e.Id).DefaultIfEmpty(-1).Max();
        _tokens = new string?[near + 1];
        foreach (var (token, id) in entries)
        {
            _ids[token] = id;
            if (id <= near) _tokens[id] = token;
            else _far[id] = token;
            LargestId = Math.Max(LargestId, id);
        }
        _bySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _ids.Count;

    public int LargestId { get; private set; } = -1;

    public IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    public int? TokenToId(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _bySpan.TryGetValue(token, out id);

    public string? IdToToken(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : _far.GetValueOrDefault(id);
}
