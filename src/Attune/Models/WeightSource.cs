using Attune.Graphs;

namespace Attune.Models;

/// <summary>Where a builder takes its weights: fresh ones (<see cref="FreshWeights"/>) or those of a checkpoint (<see cref="CheckpointWeights"/>).</summary>
public abstract class WeightSource
{
    private protected WeightSource() { }

    /// <summary>The weight called <paramref name="name"/>, float, of the given sizes.</summary>
    internal abstract Tensor Take(string name, long[] sizes, Start start);


    /// <summary>Called when the builder has taken all.</summary>
    internal abstract void Finish(string network);
}
