using System.Globalization;
using Attune.Weights;

namespace Attune.Models.Vision;

/// <summary>What a family may ask about a checkpoint to recognise itself: which names exist, and their sizes.</summary>
/// <param name="weights">The checkpoint's entries.</param>
/// <param name="options">Hints of the caller.</param>
internal sealed class CheckpointKeys(WeightStore weights, VisionLoadOptions options)
{
    // A checkpoint that claims more layers of a kind than this is damaged.
    private const int MaxLayers = 2000;

    /// <summary>Hints of the caller.</summary>
    public VisionLoadOptions Options => options;

    /// <summary>The first entry's name that holds <paramref name="text"/>, or null.</summary>
    public bool Any(string text) => weights.All.Any(w => w.Name.Contains(text, StringComparison.Ordinal));

    /// <summary>True when a name exists.</summary>
    public bool Has(string name) => weights.Contains(name);

    /// <summary>Size of an axis of a weight that must exist with at least so many axes.</summary>
    /// <exception cref="WeightsException">It does not.</exception>
    public int Size(string name, int axis = 0)
    {
        if (!weights.TryGet(name, out var weight)) throw new WeightsException($"1 missing: '{name}'; the family of the checkpoint is known from its other names, but not its sizes.");
        if (axis >= weight.Value.Sizes.Count || weight.Value.Sizes[axis] is < 1 or > 1 << 24)
            throw new WeightsException($"1 of other sizes: '{name}' is {weight.Value}, which is no layer of this family.");
        return (int)weight.Value.Sizes[axis];
    }

    /// <summary>Number of axes of a weight; 0 when it does not exist.</summary>
    public int Rank(string name) => weights.TryGet(name, out var weight) ? weight.Value.Sizes.Count : 0;

    /// <summary>How many of the names with 0, 1, 2, … in place of <c>#</c> exist without a gap.</summary>
    /// <param name="pattern">A name with one <c>#</c>.</param>
    /// <param name="first">The number to begin with.</param>
    public int Count(string pattern, int first = 0)
    {
        var count = 0;
        while (count < MaxLayers && Has(pattern.Replace("#", (first + count).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))) count++;
        return count;
    }
}
