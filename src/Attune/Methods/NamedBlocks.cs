using Attune.Graphs;
using System.Text;

namespace Attune.Methods;

/// <summary>
/// Blocks by names: prefixes that end in a number (<c>layer1.0</c>, <c>/features/features.3</c>, <c>encoder_layer_7</c>, <c>block_3</c>), hold at least two nodes with matrices, and
/// repeat one after the other, at least twice beneath one stem (the squeeze-excite of each block does not). Of nested ones the innermost counts; ones that run side by side (experts, ensemble members) do not.
/// </summary>
internal static class NamedBlocks
{
    private static readonly char[] Digits = [.. "0123456789"];

    /// <summary>The blocks, from weight names or, where these give fewer, from node names; empty when neither carries any.</summary>
    public static List<Block> Find(GraphFlow flow, IReadOnlySet<string> head)
    {
        var mains = flow.Graph.Nodes.Where(n => flow.IsMain(n) && !flow.UsesOf(n).Any(u => head.Contains(u.Weight))).ToList();
        var byWeight = Group(flow, mains, n => flow.UsesOf(n).First(u => u.Kind is WeightKind.Matrix or WeightKind.Table).Weight);
        var byNode = Group(flow, mains, n => n.Name);
        var fromWeights = byWeight.Sum(g => g.Value.Count) >= byNode.Sum(g => g.Value.Count);
        var groups = fromWeights ? byWeight : byNode;
        var owner = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var use in flow.Uses)
        {
            if (owner.ContainsKey(use.Weight) || head.Contains(use.Weight)) continue;
            var prefix = Prefixes(fromWeights ? use.Weight : use.Consumer.Name).LastOrDefault(groups.ContainsKey);
            if (prefix is not null) owner[use.Weight] = prefix;
        }
        return [.. groups.OrderBy(g => g.Value.Min(flow.Depth)).Select((g, i) => new Block(i, g.Key.TrimStart('/'), [.. owner.Where(o => o.Value == g.Key).Select(o => o.Key)])
        {
            Start = g.Value.Min(flow.Depth),
        })];
    }

    private static Dictionary<string, List<Node>> Group(GraphFlow flow, List<Node> mains, Func<Node, string> name)
    {
        var all = new Dictionary<string, List<Node>>(StringComparer.Ordinal);
        foreach (var node in mains)
        {
            foreach (var prefix in Prefixes(name(node)))
            {
                if (!all.TryGetValue(prefix, out var list)) all.Add(prefix, list = []);
                list.Add(node);
            }
        }
        var repeated = all.Where(g => g.Value.Count >= 2).GroupBy(g => Pattern(g.Key))
            .Where(p => p.Count() >= 2 && p.GroupBy(g => g.Key.TrimEnd(Digits)).Any(s => s.Count() >= 2) && OneAfterTheOther(flow, p.Select(g => g.Value)))
            .SelectMany(p => p.Select(g => g.Key)).ToHashSet(StringComparer.Ordinal);
        var chosen = new Dictionary<string, List<Node>>(StringComparer.Ordinal);
        foreach (var node in mains)
        {
            if (Prefixes(name(node)).LastOrDefault(repeated.Contains) is not { } prefix) continue;
            if (!chosen.TryGetValue(prefix, out var list)) chosen.Add(prefix, list = []);
            list.Add(node);
        }
        // What a stage holds besides its blocks (a downsampling layer) is no block.
        foreach (var outer in chosen.Keys.Where(k => chosen.Keys.Any(o => o.Length > k.Length && o.StartsWith(k, StringComparison.Ordinal) && o[k.Length] is '.' or '/' or '_')).ToList()) chosen.Remove(outer);
        return chosen;
    }

    private static bool OneAfterTheOther(GraphFlow flow, IEnumerable<List<Node>> groups)
    {
        var last = 0;
        foreach (var (first, end) in groups.Select(g => (g.Min(flow.Depth), g.Max(flow.Depth))).Order())
        {
            if (first <= last) return false;
            last = end;
        }
        return true;
    }

    /// <summary>Prefixes of a name with dots, slashes or underscores that end behind a digit, shortest first.</summary>
    private static IEnumerable<string> Prefixes(string name)
    {
        for (var i = 1; i < name.Length; i++)
        {
            if (name[i] is '.' or '/' or '_' && char.IsAsciiDigit(name[i - 1])) yield return name[..i];
        }
    }

    private static string Pattern(string prefix)
    {
        var text = new StringBuilder();
        foreach (var c in prefix)
        {
            if (!char.IsAsciiDigit(c)) text.Append(c);
            else if (text.Length == 0 || text[^1] != '#') text.Append('#');
        }
        return text.ToString();
    }
}
