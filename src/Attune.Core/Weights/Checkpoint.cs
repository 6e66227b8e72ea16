using Attune.Graphs;

namespace Attune.Weights;

/// <summary>The named tensors of a checkpoint file, whatever its format.</summary>
/// <param name="Path">The file as the caller named it.</param>
/// <param name="Format"><c>safetensors</c>, <c>torch zip</c> or <c>torch legacy</c>.</param>
/// <param name="Weights">Tensors in file order under the file's own names, a common prefix of wrappers removed; floating ones as parameters, the rest as constants.</param>
/// <param name="Prefix">The removed prefix, such as <c>module.</c>; "" when there was none.</param>
/// <param name="Metadata">Text entries beside the tensors; empty when there are none.</param>
public sealed record Checkpoint(string Path, string Format, WeightStore Weights, string Prefix, IReadOnlyDictionary<string, string> Metadata)
{
    // What DataParallel, compile and Lightning put in front of every name.
    private static readonly string[] _wrappers = ["module.", "_orig_mod.", "model.", "net."];

    /// <summary>The entries without the prefixes that wrappers put in front of every name, and what was removed.</summary>
    internal static (WeightStore Weights, string Prefix) Unwrap(WeightStore weights)
    {
        var prefix = "";
        while (weights.All.Count > 0 && _wrappers.FirstOrDefault(w => weights.All.All(x => x.Aliases.Prepend(x.Name).All(n => n.StartsWith(prefix + w, StringComparison.Ordinal)))) is { } wrapper) prefix += wrapper;
        if (prefix.Length == 0) return (weights, prefix);
        return (new WeightStore(weights.All.Select(w => w with { Name = w.Name[prefix.Length..], Aliases = [.. w.Aliases.Select(a => a[prefix.Length..])] })), prefix);
    }

    /// <summary>An entry with the role that its type allows.</summary>
    internal static Weight Entry(string name, Tensor value, IReadOnlyList<string> aliases)
        => new(name, value, value.Type.IsFloating() ? WeightRole.Parameter : WeightRole.Constant) { Aliases = aliases };
}
