namespace Attune.Data;

/// <summary>Tags that mark entities over words: <c>B-TYPE</c> at the first word, <c>I-TYPE</c> at each further one, <c>O</c> outside (IOB2).</summary>
public static class Iob
{
    /// <summary>The tag of words outside of entities.</summary>
    public const string Outside = "O";

    /// <summary>True when the tags mark entities: at least one <c>B-</c> or <c>I-</c>, and beside these only <c>O</c>.</summary>
    public static bool Is(IEnumerable<string> tags)
    {
        var some = false;
        foreach (var tag in tags)
        {
            if (tag == Outside) continue;
            if (!IsInside(tag) && !IsBegin(tag)) return false;
            some = true;
        }
        return some;
    }

    /// <summary>Makes IOB2 of one sentence's tags in place: an <c>I-TYPE</c> that continues no entity of its type becomes <c>B-TYPE</c>, as in files of IOB1.</summary>
    /// <returns>How many were changed.</returns>
    public static int Repair(string[] tags)
    {
        var changed = 0;
        for (var i = 0; i < tags.Length; i++)
        {
            if (!IsInside(tags[i]) || (i > 0 && tags[i - 1] != Outside && TypeOf(tags[i - 1]) == TypeOf(tags[i]))) continue;
            tags[i] = "B-" + TypeOf(tags[i]);
            changed++;
        }
        return changed;
    }

    /// <summary>What kind of thing a tag marks: what stands behind <c>B-</c> or <c>I-</c>; other tags are kinds themselves, and <c>O</c> is none ("").</summary>
    public static string TypeOf(string tag) => tag == Outside ? "" : IsBegin(tag) || IsInside(tag) ? tag[2..] : tag;

    private static bool IsBegin(string tag) => tag.Length > 2 && tag.StartsWith("B-", StringComparison.Ordinal);

    private static bool IsInside(string tag) => tag.Length > 2 && tag.StartsWith("I-", StringComparison.Ordinal);
}
