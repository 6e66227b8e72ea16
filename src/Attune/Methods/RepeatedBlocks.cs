using Attune.Graphs;

namespace Attune.Methods;

/// <summary>
/// Blocks from the graph's shape: it is cut where a single value carries everything on; a segment with two or more nodes with matrices (a residual or branched one) is a
/// block, and so is a run of segments that comes again and again (attention, then feed-forward).
/// </summary>
internal static class RepeatedBlocks
{
    private const int LongestPeriod = 32;

    /// <summary>The blocks; empty when nothing repeats.</summary>
    public static List<Block> Find(GraphFlow flow, IReadOnlySet<string> head)
    {
        var segments = Segments(flow, head);
        var signatures = segments.ConvertAll(s => string.Join(' ', s.Select(n => n.QualifiedOperator)));
        var groups = new List<List<Node>>();
        for (var at = 0; at < segments.Count;)
        {
            // A block begins with a matrix, or a norm before the first one would shift all of them.
            var (period, times) = Mains(flow, segments[at]) == 0 ? (0, 0) : Repetition(flow, segments, signatures, at);
            if (times == 0)
            {
                if (Mains(flow, segments[at]) >= 2) groups.Add(segments[at]);
                at++;
                continue;
            }
            for (var i = 0; i < times; i++, at += period) groups.Add([.. segments.Skip(at).Take(period).SelectMany(s => s)]);
        }
        if (groups.Count < 2) return [];
        var seen = new HashSet<string>(head, StringComparer.Ordinal);
        return [.. groups.Select((nodes, i) => new Block(i, nodes.First(flow.IsMain).Name, [.. nodes.SelectMany(flow.UsesOf).Select(u => u.Weight).Where(seen.Add)])
        {
            Start = nodes.Where(flow.IsMain).Min(flow.Depth),
        })];
    }

    private static List<List<Node>> Segments(GraphFlow flow, IReadOnlySet<string> head)
    {
        var segments = new List<List<Node>>();
        var current = new List<Node>();
        var open = new Dictionary<string, int>(StringComparer.Ordinal);   // values that depend on a weight → readers still to come
        foreach (var node in flow.Graph.Nodes)
        {
            if (flow.UsesOf(node).Any(u => head.Contains(u.Weight))) break;
            var reads = GraphSort.Reads(node).Distinct().ToList();
            var active = flow.IsMain(node) || reads.Any(open.ContainsKey);
            foreach (var read in reads.Where(open.ContainsKey).ToList())
            {
                if (--open[read] == 0) open.Remove(read);
            }
            if (!active) continue;
            current.Add(node);
            foreach (var output in node.Outputs.Where(o => flow.Readers(o).Count > 0)) open[output] = flow.Readers(output).Count;
            if (open.Count > 1) continue;
            segments.Add(current);
            current = [];
        }
        if (current.Count > 0) segments.Add(current);
        return segments;
    }

    private static (int Period, int Times) Repetition(GraphFlow flow, List<List<Node>> segments, List<string> signatures, int at)
    {
        for (var period = 1; period <= LongestPeriod; period++)
        {
            var times = 1;
            while (Same(signatures, at, at + times * period, period)) times++;
            if (times < 2) continue;
            // A period that itself repeats a shorter one is a plain chain of layers.
            var primitive = Enumerable.Range(1, period - 1).All(p => period % p != 0 || !Enumerable.Range(p, period - p).All(i => signatures[at + i] == signatures[at + i - p]));
            if (primitive && segments.Skip(at).Take(period).Sum(s => Mains(flow, s)) >= 2) return (period, times);
        }
        return (0, 0);
    }

    private static bool Same(List<string> signatures, int a, int b, int length)
        => b + length <= signatures.Count && Enumerable.Range(0, length).All(i => signatures[a + i] == signatures[b + i]);

    private static int Mains(GraphFlow flow, List<Node> nodes) => nodes.Count(flow.IsMain);
}
