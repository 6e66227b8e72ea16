namespace Attune.Metrics;

/// <summary>
/// Reads entities out of tags, as seqeval does. The lenient reading is conlleval's: an <c>I-TYPE</c> that continues nothing begins an entity, and <c>E-</c> and <c>S-</c> (end, single) are
/// known. The strict reading of IOB2 takes a <c>B-TYPE</c> with the <c>I-TYPE</c> that follow it, and nothing else.
/// </summary>
public sealed class EntitySpans
{
    private readonly char[] _prefixes;
    private readonly int[] _types;

    /// <summary>A reader of tags.</summary>
    /// <param name="tags">Tags by index.</param>
    public EntitySpans(IReadOnlyList<string> tags)
    {
        _prefixes = [.. tags.Select(t => t.Length == 0 ? 'O' : t[0])];
        var types = new List<string>();
        _types = [.. tags.Select(t => IndexOf(TypeOf(t)))];
        Types = types;

        int IndexOf(string type)
        {
            var at = types.IndexOf(type);
            if (at >= 0) return at;
            types.Add(type);
            return types.Count - 1;
        }
    }

    /// <summary>Types of entities by index; tags without a type have <c>_</c>.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>The entities of one sentence, in order.</summary>
    /// <param name="tags">Tag of each word.</param>
    /// <param name="strict">Whether entities have to begin with <c>B-</c>.</param>
    public IReadOnlyList<EntitySpan> Of(ReadOnlySpan<int> tags, bool strict = false) => strict ? Strict(tags) : Lenient(tags);

    private List<EntitySpan> Strict(ReadOnlySpan<int> tags)
    {
        var spans = new List<EntitySpan>();
        for (var i = 0; i < tags.Length; i++)
        {
            if (_prefixes[tags[i]] != 'B') continue;
            var (first, type) = (i, _types[tags[i]]);
            while (i + 1 < tags.Length && _prefixes[tags[i + 1]] == 'I' && _types[tags[i + 1]] == type) i++;
            spans.Add(new EntitySpan(type, first, i));
        }
        return spans;
    }

    private List<EntitySpan> Lenient(ReadOnlySpan<int> tags)
    {
        var spans = new List<EntitySpan>();
        var (first, before, type) = (-1, 'O', -1);
        for (var i = 0; i <= tags.Length; i++)
        {
            var (prefix, current) = i < tags.Length ? (_prefixes[tags[i]], _types[tags[i]]) : ('O', -1);
            if (IsIn(before) && (before is 'E' or 'S' || prefix is 'B' or 'S' || !IsIn(prefix) || type != current)) spans.Add(new EntitySpan(type, first, i - 1));
            if (IsIn(prefix) && (prefix is 'B' or 'S' || !IsIn(before) || before is 'E' or 'S' || type != current)) first = i;
            (before, type) = (prefix, current);
        }
        return spans;
    }

    private static bool IsIn(char prefix) => prefix is not ('O' or '.');

    // What stands behind the first dash; a tag without one is all type but for its first letter.
    private static string TypeOf(string tag)
    {
        var rest = tag.Length == 0 ? "" : tag[1..];
        var type = rest.IndexOf('-', StringComparison.Ordinal) is >= 0 and var dash ? rest[(dash + 1)..] : rest;
        return type.Length == 0 ? "_" : type;
    }
}

/// <summary>An entity over the words of a sentence.</summary>
/// <param name="Type">Index of its type.</param>
/// <param name="First">Its first word.</param>
/// <param name="Last">Its last word.</param>
public readonly record struct EntitySpan(int Type, int First, int Last);
