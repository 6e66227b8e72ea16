using System.Runtime.InteropServices;

namespace Attune.Text;

/// <summary>
/// Words and their tokens, seen lately: a table of fixed size in which a newer word takes an older one's place. Threads share it without locks; entries never change.
/// What is stored is a function of the word alone, so it makes no difference to any result.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are not stored.</summary>
    public const int LongestWord = 64;

    private const int Slots = 1 << 15;
    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>A word with its tokens; the texts of tokens are the vocabulary's entries.</summary>
    private sealed record Entry(ulong Hash, string Word, int[] Ids, int[] Starts, int[] Ends);

    /// <summary>Adds the word's tokens to the list; false when it is not stored.</summary>
    public bool TryGet(ReadOnlySpan<char> word, ulong hash, TokenList tokens)
    {
        var entry = Volatile.Read(ref _entries[hash >> 49]);
        if (entry is null || entry.Hash != hash || !word.SequenceEqual(entry.Word)) return false;
        var (ids, starts, ends) = (entry.Ids, entry.Starts, entry.Ends);
        for (var i = 0; i < ids.Length; i++) tokens.Add(ids[i], starts[i], ends[i]);
        return true;
    }

    /// <summary>Stores the tokens from <paramref name="first"/> on as those of <paramref name="word"/>.</summary>
    public void Store(ReadOnlySpan<char> word, ulong hash, TokenList tokens, int first)
    {
        if (tokens.Texts is { } texts && texts.Keys.Any(k => k >= first)) return;
        int[] starts = tokens.Starts[first..].ToArray(), ends = tokens.Ends[first..].ToArray();
        for (var i = 0; i < starts.Length; i++) (starts[i], ends[i]) = (starts[i] - tokens.Offset, ends[i] - tokens.Offset);
        Volatile.Write(ref _entries[hash >> 49], new(hash, word.ToString(), tokens.Ids[first..].ToArray(), starts, ends));
    }

    public static ulong Hash(ReadOnlySpan<char> word)
    {
        var bytes = MemoryMarshal.AsBytes(word);
        var hash = (ulong)word.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }
        ulong rest = 0;
        for (var i = 0; i < bytes.Length; i += 2) rest = rest << 16 | MemoryMarshal.Read<ushort>(bytes[i..]);
        return Mix(hash ^ rest);
    }

    private static ulong Mix(ulong x)
    {
        var high = Math.BigMul(x, 0xD6E8FEB86659FD93, out var low);
        return high ^ low;
    }
}
