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
        new Philox(_seed, "epoch", epoch).Shuffle(_order);
        _epoch = epoch;
        return _order;
    }
}
