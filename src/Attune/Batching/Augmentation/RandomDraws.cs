using Attune.Randomness;

namespace Attune.Batching.Augmentation;

/// <summary>Numbers drawn one after another from a Philox stream: the nth draw is a pure function of the stream's address and n.</summary>
internal struct RandomDraws(Philox stream)
{
    private ulong _next;

    /// <summary>The next number in [0, 1), 53 bits.</summary>
    public double Uniform()
    {
        var (a, b, _, _) = stream.Block(_next++);
        return (((ulong)a << 32 | b) >> 11) * (1.0 / 9007199254740992.0);
    }

    /// <summary>The next number in [low, high).</summary>
    public double Uniform(double low, double high) => low + Uniform() * (high - low);

    /// <summary>The next integer in [0, bound).</summary>
    public int Below(int bound) => (int)stream.Below(_next++, bound);

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>The next standard normal number.</summary>
    public double Normal() => stream.Normal(_next++);
}
