using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>
/// Brings a checkpoint's names to those of the network that is wanted: old names of norms (gamma, beta), a backbone's prefix too few or too many, and what training programs put
/// in front of every name.
/// </summary>
internal static class CheckpointNames
{
    /// <summary>The same entries under the names of a network.</summary>
    /// <param name="weights">The checkpoint's entries.</param>
    /// <param name="shape">The network.</param>
    /// <param name="hasHead">True when the network wanted has a head, so that its backbone's names have the prefix.</param>
    public static WeightStore Fit(WeightStore weights, TextShape shape, bool hasHead)
    {
        var names = weights.All.SelectMany(w => w.Aliases.Prepend(w.Name)).Select(Modern).ToList();
        var words = names.Where(n => n == shape.Words || n.EndsWith("." + shape.Words, StringComparison.Ordinal)).OrderBy(n => n.Length).FirstOrDefault();
        var (wrapper, hasPrefix) = ("", false);
        if (words is not null)
        {
            var before = words[..^shape.Words.Length];
            hasPrefix = before.EndsWith(shape.Prefix, StringComparison.Ordinal);
            wrapper = hasPrefix ? before[..^shape.Prefix.Length] : before;
        }
        string Name(string name)
        {
            name = Modern(name);
            if (wrapper.Length > 0 && name.StartsWith(wrapper, StringComparison.Ordinal)) name = name[wrapper.Length..];
            if (hasPrefix == hasHead) return name;
            return hasHead ? shape.Prefix + name : name.StartsWith(shape.Prefix, StringComparison.Ordinal) ? name[shape.Prefix.Length..] : name;
        }
        return new WeightStore(weights.All.Select(w => w with { Name = Name(w.Name), Aliases = [.. w.Aliases.Select(Name)] }));
    }

    // TensorFlow's names of a norm's scale and shift, as the first BERT checkpoints have them.
    private static string Modern(string name)
        => name.EndsWith(".gamma", StringComparison.Ordinal) ? name[..^5] + "weight" : name.EndsWith(".beta", StringComparison.Ordinal) ? name[..^4] + "bias" : name;

    /// <summary>Buffers that upstream's networks compute themselves and older versions saved.</summary>
    public static bool IsBuffer(string name) => name.EndsWith("position_ids", StringComparison.Ordinal) || name.EndsWith("token_type_ids", StringComparison.Ordinal)
        || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);
}
