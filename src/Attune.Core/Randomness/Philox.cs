using System.Runtime.CompilerServices;
using System.Text;

namespace Attune.Randomness;

/// <summary>
/// Counter-based random numbers, Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
/// A stream is addressed by (seed, step, micro-step, name, element), so replay and resume need no stored generator.
/// </summary>
public readonly struct Philox
{
    private readonly uint _key0, _key1, _counter2, _counter3;

    /// <summary>The stream of a named consumer at a step and micro-step.</summary>
    public Philox(ulong seed, string name, long step = 0, int microStep = 0)
    {
        var stream = Hash(name) ^ ((ulong)step * 0x9E3779B97F4A7C15UL) ^ ((ulong)(uint)microStep * 0xC2B2AE3D27D4EB4FUL);
        stream = Mix(stream);
        (_key0, _key1) = ((uint)seed, (uint)(seed >> 32));
        (_counter2, _counter3) = ((uint)stream, (uint)(stream >> 32));
    }

    /// <summary>Four 32-bit numbers at block <paramref name="block"/>: elements 4·block to 4·block + 3 of the stream.</summary>
    public (uint A, uint B, uint C, uint D) Block(ulong block)
    {
        uint c0 = (uint)block, c1 = (uint)(block >> 32), c2 = _counter2, c3 = _counter3, k0 = _key0, k1 = _key1;
        for (var round = 0; round < 10; round++)
        {
            var p0 = 0xD2511F53UL * c0;
            var p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>Element <paramref name="index"/> of the stream.</summary>
    public uint UInt32(ulong index)
    {
        var (a, b, c, d) = Block(index >> 2);
        return (index & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
    }

    /// <summary>Element <paramref name="index"/> as a real number in [0, 1), 24 bits.</summary>
    public float Uniform(ulong index) => (UInt32(index) >> 8) * (1f / 16777216f);

    /// <summary>Element pair <paramref name="index"/> as a standard normal number (Box-Muller, in double).</summary>
    public double Normal(ulong index)
    {
        var (a, b, c, d) = Block(index);
        var u = ((((ulong)a << 32 | b) >> 11) + 1) * (1.0 / 9007199254740993.0);
        var v = (((ulong)c << 32 | d) >> 11) * (1.0 / 9007199254740992.0);
        return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
    }

    /// <summary>Element <paramref name="index"/> as an integer in [0, <paramref name="bound"/>), unbiased to 2^-64.</summary>
    public long Below(ulong index, long bound)
    {
        var (a, b, _, _) = Block(index);
        return (long)Math.BigMul((ulong)a << 32 | b, (ulong)bound, out _);
    }

    /// <summary>Shuffles in place (Fisher-Yates), the same on every machine.</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)Below((ulong)i, i + 1L);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }

    private static ulong Hash(string name)
    {
        var hash = 14695981039346656037UL;   // FNV-1a over UTF-8
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 1099511628211UL;
        return Mix(hash);
    }
}
