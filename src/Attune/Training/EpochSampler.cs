using Attune.Encoding;
using Attune.Randomness;

namespace Attune.Training;

/// <summary>
/// Order of rows, addressed by (seed, epoch): every epoch is a fresh shuffle of all rows, and any position can be taken up again without replaying earlier ones. Token
/// sequences can be put into batches of like lengths, so that little is padded: shuffled rows are sorted by length within groups of <see cref="BatchesPerGroup"/> batches, and
/// the batches are shuffled again.
/// </summary>
public sealed class EpochSampler
{
    /// <summary>Batches that are sorted together: enough that lengths within a batch agree, few enough that batches stay random. Default of transformers' group_by_length.</summary>
    public const int BatchesPerGroup = 50;

    private readonly int[] _order;
    private readonly ulong _seed;
    private readonly int _batch;
    private readonly int[]? _lengths;
    private int _epoch = -1;

    /// <summary>A sampler over rows 0 to <paramref name="rows"/> - 1.</summary>
    public EpochSampler(int rows, ulong seed) => (_order, _seed) = (new int[rows], seed);

    /// <summary>A sampler of batches of like lengths.</summary>
    /// <param name="lengths">Tokens of each row [R].</param>
    /// <param name="batchSize">Rows of a step.</param>
    /// <param name="seed">Addresses all draws.</param>
    public EpochSampler(int[] lengths, int batchSize, ulong seed) : this(lengths.Length, seed) => (_lengths, _batch) = (lengths, batchSize);

    /// <summary>The sampler of a set: batches of like lengths where its rows are token sequences and <paramref name="bucket"/> says so.</summary>
    /// <param name="set">Training rows.</param>
    /// <param name="batchSize">Rows of a step.</param>
    /// <param name="seed">Addresses all draws.</param>
    /// <param name="bucket">Whether lengths matter.</param>
    public static EpochSampler Of(EncodedSet set, int batchSize, ulong seed, bool bucket)
    {
        if (!bucket || set.Inputs.OfType<TokenInput>().FirstOrDefault() is not { } tokens) return new EpochSampler(set.Rows, seed);
        return new EpochSampler([.. Enumerable.Range(0, set.Rows).Select(row => tokens.Source.LongestOf(row, StreamedInput.PlainView))], batchSize, seed);
    }

    /// <summary>All rows in the order of <paramref name="epoch"/>; valid until another epoch is asked for.</summary>
    public ReadOnlySpan<int> Epoch(int epoch)
    {
        if (epoch == _epoch) return _order;
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        Shuffle(_order, new Philox(_seed, "epoch", epoch));
        if (_lengths is not null) Bucket(epoch);
        _epoch = epoch;
        return _order;
    }

    private void Bucket(int epoch)
    {
        var group = _batch * BatchesPerGroup;
        for (var start = 0; start < _order.Length; start += group)
        {
            var part = _order.AsSpan(start, Math.Min(group, _order.Length - start));
            // Stable, so that equally long rows keep the shuffled order.
            var sorted = part.ToArray().Select((row, place) => (row, place)).OrderByDescending(r => _lengths![r.row]).ThenBy(r => r.place).Select(r => r.row).ToArray();
            sorted.CopyTo(part);
        }
        // Whole batches change places; a smaller last one stays the last step, as the loop counts them.
        var whole = _order.Length / _batch;
        var batches = Enumerable.Range(0, whole).ToArray();
        Shuffle(batches, new Philox(_seed, "batches", epoch));
        var before = _order.AsSpan(0, whole * _batch).ToArray();
        for (var i = 0; i < whole; i++) before.AsSpan(batches[i] * _batch, _batch).CopyTo(_order.AsSpan(i * _batch));
    }

    // Fisher-Yates with four draws a block: an epoch of small steps notices the difference. A draw is off by at most rows / 2^32.
    private static void Shuffle(int[] order, Philox stream)
    {
        var left = order.Length - 1;
        for (var block = 0UL; left > 0; block++)
        {
            var (a, b, c, d) = stream.Block(block);
            Swap(order, left--, a);
            if (left > 0) Swap(order, left--, b);
            if (left > 0) Swap(order, left--, c);
            if (left > 0) Swap(order, left--, d);
        }
    }

    private static void Swap(int[] order, int last, uint draw)
    {
        var other = (int)((ulong)draw * (ulong)(last + 1) >> 32);
        (order[last], order[other]) = (order[other], order[last]);
    }
}
