namespace Attune.Engines.Dense;

/// <summary>How rows and parameters are shared among threads: by shapes alone.</summary>
internal static class DenseThreads
{
    /// <summary>
    /// Multiply-adds of a forward pass and shard below which a second thread costs more than it brings. Waking, joining and adding the gradients take some microseconds
    /// for each of which a core does about 50,000 multiply-adds. Measured with two threads: 784-64-64-10 at batch 128 (7 million) 1.4 times faster; batch 32
    /// (1.7 million) stays on one.
    /// </summary>
    private const double WorkPerShard = 1_500_000;

    /// <summary>Parameters below which an update stays on one thread.</summary>
    private const long ParametersPerShard = 32_768;

    /// <summary>Shards of a pass over some rows.</summary>
    public static int Shards(int rows, double workPerRow, int threads)
        => threads == 1 ? 1 : (int)Math.Clamp(rows * workPerRow / WorkPerShard, 1, Math.Min(threads, (rows + 3) / 4));

    /// <summary>Shards of an update.</summary>
    public static int UpdateShards(long parameters, int threads) => (int)Math.Clamp(parameters / ParametersPerShard, 1, threads);

    /// <summary>Rows of a shard: multiples of four, as the micro-kernel takes them.</summary>
    public static (int Start, int End) Range(int rows, int shards, int shard)
    {
        if (shards == 1) return (0, rows);
        var blocks = (rows + 3) / 4;
        return (Math.Min(rows, 4 * (int)((long)blocks * shard / shards)), Math.Min(rows, 4 * (int)((long)blocks * (shard + 1) / shards)));
    }
}
