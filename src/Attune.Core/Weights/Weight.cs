using Attune.Graphs;

namespace Attune.Weights;

/// <summary>One entry of a <see cref="WeightStore"/>: canonical name, value, role and the other names under which files know it.</summary>
public sealed record Weight(string Name, Tensor Value, WeightRole Role)
{
    /// <summary>Further names of the same entry (tied weights).</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Number of elements.</summary>
    public long Count => Value.Count;
}
