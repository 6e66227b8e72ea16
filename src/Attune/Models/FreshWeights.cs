using Attune.Graphs;

namespace Attune.Models;

/// <summary>Freshly started weights as upstream starts them (normal by He's rule, uniform or zero); equal seeds and names give equal bits.</summary>
/// <param name="seed">Seed of every stream; each weight's name addresses its own.</param>
public sealed class FreshWeights(ulong seed) : WeightSource
{
    internal override Tensor Take(string name, long[] sizes, Start start) => start.Create(seed, name, sizes);

    internal override void Finish(string network) { }
}
