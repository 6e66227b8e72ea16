using Attune.Randomness;

namespace Attune.Training;

/// <summary>
/// Order of rows, addressed by (seed, epoch): every epoch is a fresh shuffle of all rows, and any position can be taken up again without replaying earlier ones.
/// </summary>
public sealed class EpochSampler
{
    private readonly int[] _order;
    private readonly ulong _seed;
    private int _epoch = -1;

    /// <summary>A sampler over rows 0 to <paramref name="rows"/> - 1.</summary>
    public EpochSampler(int rows, ulong seed) => (_order, _seed) = (new int[rows], seed);

    /// <summary>All rows in the order of <paramref name="epoch"/>; valid until another epoch is asked for.</summary>
    public ReadOnlySpan<int> Epoch(int epoch)
    {
        if (epoch == _epoch) return _order;
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        Shuffle(new Philox(_seed, "epoch", epoch));
        _epoch = epoch;
        return _order;
    }

    // Fisher-Yates with four draws a block: an epoch of small steps notices the difference. A draw is off by at most rows / 2^32.
    private void Shuffle(Philox stream)
    {
        var left = _order.Length - 1;
        for (var block = 0UL; left > 0; block++)
        {
            var (a, b, c, d) = stream.Block(block);
            Swap(left--, a);
            if (left > 0) Swap(left--, b);
            if (left > 0) Swap(left--, c);
            if (left > 0) Swap(left--, d);
        }
    }

    private void Swap(int last, uint draw)
    {
        var other = (int)((ulong)draw * (ulong)(last + 1) >> 32);
        (_order[last], _order[other]) = (_order[other], _order[last]);
    }
}
