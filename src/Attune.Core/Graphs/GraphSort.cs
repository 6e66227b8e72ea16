namespace Attune.Graphs;

/// <summary>Order of nodes by their data dependencies.</summary>
internal static class GraphSort
{
    /// <summary>The nodes so that every value is written before it is read; equal to the given order where that is possible already. Nodes on or behind a cycle are left out.</summary>
    public static List<Node> Sort(IReadOnlyList<Node> nodes)
    {
        var writer = Writers(nodes);
        var readers = new List<int>?[nodes.Count];
        var waiting = new int[nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var source in Reads(nodes[i]).Where(writer.ContainsKey).Select(r => writer[r]).Distinct())
            {
                (readers[source] ??= []).Add(i);
                waiting[i]++;
            }
        }
        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (waiting[i] == 0) ready.Enqueue(i, i);
        }
        var sorted = new List<Node>(nodes.Count);
        while (ready.TryDequeue(out var node, out _))
        {
            sorted.Add(nodes[node]);
            foreach (var reader in readers[node] ?? [])
            {
                if (--waiting[reader] == 0) ready.Enqueue(reader, reader);
            }
        }
        return sorted;
    }

    /// <summary>The nodes of one cycle in the order of data flow; empty when there is none.</summary>
    public static List<Node> FindCycle(IReadOnlyList<Node> nodes)
    {
        var done = Sort(nodes).ToHashSet(ReferenceEqualityComparer.Instance);
        List<Node> stuck = [.. nodes.Where(n => !done.Contains(n))];
        if (stuck.Count == 0) return [];
        var writer = Writers(stuck);
        var path = new List<int>();
        var seen = new HashSet<int>();
        // every stuck node waits for another stuck one: walking backwards must meet itself
        for (var at = 0; seen.Add(at); at = Reads(stuck[at]).Where(writer.ContainsKey).Select(r => writer[r]).First()) path.Add(at);
        var last = Reads(stuck[path[^1]]).Where(writer.ContainsKey).Select(r => writer[r]).First();
        return [.. path.Skip(path.IndexOf(last)).Reverse().Select(i => stuck[i])];
    }

    /// <summary>Every value a node reads, those its subgraphs take from around them included.</summary>
    public static IEnumerable<string> Reads(Node node)
        => node.Inputs.Where(i => i.Length > 0).Concat(Bodies(node).SelectMany(Captured));

    /// <summary>The subgraphs of a node.</summary>
    public static IEnumerable<Graph> Bodies(Node node) => node.Attributes.Values.OfType<Graph>();

    private static HashSet<string> Captured(Graph body)
    {
        var own = new HashSet<string>(body.Nodes.SelectMany(n => n.Outputs).Concat(body.Inputs.Select(i => i.Name)), StringComparer.Ordinal);
        return [.. body.Nodes.SelectMany(Reads).Concat(body.Outputs.Select(o => o.Name)).Where(r => !own.Contains(r) && !body.Weights.Contains(r))];
    }

    private static Dictionary<string, int> Writers(IReadOnlyList<Node> nodes)
    {
        var writer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var output in nodes[i].Outputs.Where(o => o.Length > 0)) writer.TryAdd(output, i);
        }
        return writer;
    }
}
