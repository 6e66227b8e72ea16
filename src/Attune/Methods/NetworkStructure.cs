using System.Globalization;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>How a network is built, as far as tuning one output needs it: its layers, its blocks, its head. What that output does not need is left out.</summary>
public sealed class NetworkStructure
{
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _blockOf = new(StringComparer.Ordinal);

    private NetworkStructure(Graph graph, string? output)
    {
        Graph = graph;
        var one = output is null ? graph.Outputs[0] : graph.Outputs.FirstOrDefault(o => o.Name == output)
            ?? throw new WeightsException($"Graph '{graph.Name}' has no output '{output}'.{NearestName.Hint(output, graph.Outputs.Select(o => o.Name))}");
        Flow = new GraphFlow(graph.Outputs.Count == 1 ? graph : GraphPruning.Run(graph with { Outputs = [one] }));
        Layers = Layer.Of(Flow);
        Head = GraphHead.TryFind(Flow, null, out _);
        HeadWeights = Head?.Weights ?? (Layers.Count > 0 ? Layers[^1].Weights.ToHashSet(StringComparer.Ordinal) : new HashSet<string>());
        foreach (var use in Flow.Uses) _depths.TryAdd(use.Weight, Flow.Depth(use.Consumer));
        var found = NamedBlocks.Find(Flow, HeadWeights);
        if (found.Count < 2) found = RepeatedBlocks.Find(Flow, HeadWeights);
        CountsLayers = found.Count < 2;
        Blocks = CountsLayers ? LayersAsBlocks() : found;
        foreach (var block in Blocks)
        {
            foreach (var weight in block.Weights) _blockOf.TryAdd(weight, block.Index);
        }
    }

    /// <summary>The network.</summary>
    public Graph Graph { get; }

    /// <summary>Every weight that a node joins with data, in node order.</summary>
    public IReadOnlyList<WeightUse> Uses => Flow.Uses;

    /// <summary>Weights by depth.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Repeated segments; layers without the head where nothing repeats.</summary>
    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>True when nothing repeats and <see cref="Blocks"/> are the layers.</summary>
    public bool CountsLayers { get; }

    /// <summary>The last linear layer; null when the output is made in another way.</summary>
    public GraphHead? Head { get; }

    /// <summary>Weights of the head; those of the last layer when there is no <see cref="Head"/>.</summary>
    public IReadOnlySet<string> HeadWeights { get; }

    internal GraphFlow Flow { get; }

    /// <summary>The structure of a graph.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="output">The output that is tuned; null for the first.</param>
    /// <exception cref="WeightsException">There is no such output.</exception>
    public static NetworkStructure Of(Graph graph, string? output = null) => new(graph, output);

    /// <summary>
    /// When a weight thaws, counted from the head: 0 is the head, 1 the last block with everything behind it, then one block each, and last of all the stem.
    /// Weights between two blocks go with the block below them.
    /// </summary>
    public int StageOf(string weight) => HeadWeights.Contains(weight) ? 0
        : _blockOf.TryGetValue(weight, out var block) ? Blocks.Count - block
        : Blocks.Count(b => b.Start > _depths.GetValueOrDefault(weight)) + 1;

    /// <summary>
    /// How often a layer-wise factor applies to a weight's rate: 0 for the head and what stands behind the last block (a pooler), 1 for the last block, and one more for each block below; the stem has one more than the first block.
    /// </summary>
    public int LevelBelowHead(string weight)
        => !_blockOf.ContainsKey(weight) && Blocks.All(b => b.Start <= _depths.GetValueOrDefault(weight, int.MaxValue)) ? 0 : StageOf(weight);

    /// <summary>What a stage thaws, for people.</summary>
    public string StageName(int stage) => stage == 0 ? "head" : stage <= Blocks.Count ? Blocks[Blocks.Count - stage].Name : "stem";

    /// <summary>A few lines for people: layers, blocks, head.</summary>
    public IReadOnlyList<string> Describe()
    {
        var lines = new List<string> { Text($"{Layers.Count} layers") };
        if (CountsLayers) lines.Add("no repeated blocks: layers are counted instead");
        else lines.Add(Text($"{Blocks.Count} blocks, from {Blocks[0].Name} ({Parameters(Blocks[0].Weights):N0} parameters) to {Blocks[^1].Name} ({Parameters(Blocks[^1].Weights):N0})"));
        lines.Add(Head is null ? $"no head that can be replaced; the last layer ({NearestName.Preview(HeadWeights)}) counts as head" : Head.ToString());
        return lines;
    }

    private long Parameters(IEnumerable<string> weights) => weights.Select(w => Graph.Weights[w]).Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count);

    private List<Block> LayersAsBlocks()
    {
        var blocks = new List<Block>();
        foreach (var layer in Layers)
        {
            List<string> weights = [.. layer.Weights.Where(w => !HeadWeights.Contains(w))];
            if (weights.Count == 0) continue;
            var first = Flow.Uses.First(u => u.Weight == weights[0]).Consumer;
            blocks.Add(new Block(blocks.Count, first.Name, weights) { Start = Flow.Depth(first) });
        }
        return blocks;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
