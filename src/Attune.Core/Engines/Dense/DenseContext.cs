namespace Attune.Engines.Dense;

/// <summary>What operators need to know about the pass that runs: how large it is, what is random, where gradients go.</summary>
internal sealed unsafe class DenseContext(int threads)
{
    private readonly nint[] _gradients = new nint[threads];

    /// <summary>Rows of the whole micro-batch.</summary>
    public int Rows { get; set; }

    /// <summary>Shards of this pass.</summary>
    public int Shards { get; set; } = 1;

    /// <summary>Dropout draws, BatchNormalization uses batch statistics.</summary>
    public bool IsRandom { get; set; }

    public ulong Seed { get; init; }

    public MicroStep Position { get; set; }

    public DenseTeam? Team { get; init; }

    public DenseInputs? Inputs { get; set; }

    /// <summary>Per worker: its gradient buffer holds nothing yet, so the first writer stores instead of adding.</summary>
    public bool[] Fresh { get; } = CreateFresh(threads);

    public void Barrier() => Team?.Barrier();

    public float* Gradients(int shard) => (float*)_gradients[shard];

    public void SetGradients(int shard, float* buffer) => _gradients[shard] = (nint)buffer;

    private static bool[] CreateFresh(int threads)
    {
        var fresh = new bool[threads];
        Array.Fill(fresh, true);
        return fresh;
    }
}
