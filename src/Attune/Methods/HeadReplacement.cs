using Attune.Graphs;
using Attune.Models;
using Attune.Tasks;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Gives a network a new last layer for another set of classes; everything below keeps its weights.</summary>
public static class HeadReplacement
{
    /// <summary>
    /// The graph with a fresh head of <paramref name="outputs"/> outputs that gives raw logits, and the names of the fresh weights. The head keeps its operator and the layout
    /// of its weights, and their names where these are an upstream key (<c>fc.weight</c>) that nothing else uses; else they are called <c>head.weight</c> and <c>head.bias</c>.
    /// Fresh weights are uniform in ±1/√inputs as torch's Linear, so that logits start near the size of one standard deviation of the features; biases are 0, so that no class is preferred.
    /// </summary>
    /// <param name="graph">A network whose first output is made by a head (<see cref="GraphHead"/>).</param>
    /// <param name="outputs">New number of outputs.</param>
    /// <param name="seed">Seed of the fresh weights.</param>
    /// <exception cref="WeightsException">The head cannot be found; says where to cut instead.</exception>
    public static (Graph Graph, IReadOnlySet<string> Fresh) Replace(Graph graph, int outputs, ulong seed)
    {
        var head = GraphHead.Find(graph);
        var names = NamesOf(graph);
        var weights = new WeightStore(graph.Weights.All);
        var nodes = graph.Nodes.ToList();
        var old = weights[head.Weight];
        var keeps = head.Weight.EndsWith(".weight", StringComparison.Ordinal) && IsUsedOnce(graph, head.WeightUse);
        var weight = keeps ? head.Weight : Unique(names, Mlp.Head + ".weight");
        long[] sizes = [.. old.Value.Sizes];
        sizes[head.OutputAxis] = outputs;
        Put(weights, old with { Name = weight, Aliases = [], Value = Mlp.Uniform(seed, weight, 1 / Math.Sqrt(head.Inputs), sizes).ToFloating(old.Value.Type) }, keeps);
        if (!keeps) Rewire(nodes, head.WeightUse, weight);
        var fresh = new HashSet<string>(StringComparer.Ordinal) { weight };
        if (head.BiasUse is { } use)
        {
            var bias = weights[use.Weight];
            var keepsBias = keeps && IsUsedOnce(graph, use);
            var name = keepsBias ? use.Weight : Unique(names, weight.EndsWith(".weight", StringComparison.Ordinal) ? weight[..^"weight".Length] + "bias" : Mlp.Head + ".bias");
            Put(weights, bias with { Name = name, Aliases = [], Value = Zeros(bias.Value, outputs) }, keepsBias);
            if (!keepsBias) Rewire(nodes, use, name);
            fresh.Add(name);
        }
        foreach (var node in head.Tail.Where(n => n.Operator == "Reshape")) Resize(nodes, weights, names, node, head.Outputs, outputs);
        var edited = graph with { Nodes = nodes, Weights = weights };
        return (WithoutActivation(edited, GraphHead.Find(edited)), fresh);
    }

    /// <summary>The graph whose only output are the raw logits of its first (or the named) output, without the Softmax, LogSoftmax or Sigmoid behind them; then called <c>logits</c>.</summary>
    /// <exception cref="WeightsException">The head cannot be found; says where to cut instead.</exception>
    public static Graph CutAtLogits(Graph graph, string? output = null) => WithoutActivation(graph, GraphHead.Find(graph, output));

    /// <summary>
    /// The graph up to a value, then the mean over its spatial axes [B, C, H, W] or tokens [B, T, D], then a fresh Gemm <c>head.weight</c> [outputs, width], <c>head.bias</c>.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="value">A value with a known width: [B, F], [B, T, D] or [B, C, H, W].</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="seed">Seed of the fresh weights.</param>
    /// <exception cref="OptionsException">There is no such value, or it has no such shape.</exception>
    public static (Graph Graph, IReadOnlySet<string> Fresh) ReplaceAt(Graph graph, string value, int outputs, ulong seed)
    {
        var produced = graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        if (!produced.Contains(value)) throw new OptionsException($"model.head-at: no node of the model makes a value called '{value}'.{NearestName.Hint(value, produced)}");
        var info = ShapeInference.Infer(graph)[value];
        if (HeadProposal.WidthOf(info) is not { } width)
            throw new OptionsException($"model.head-at: '{value}' is {info.Type}{info.Shape?.ToString() ?? "[…]"}; a head needs [B, width], [B, tokens, width] or [B, channels, height, width] of real numbers with a known width.");
        var body = GraphPruning.Run(graph with { Outputs = [info] });
        var g = new GraphBuilder(body);
        var x = info.Shape!.Rank switch
        {
            4 => g.Node("Flatten", [g.Node("GlobalAveragePool", [new(value)], name: "head.pool")], name: "head.flatten"),                    // [B, C]
            3 => g.Node("ReduceMean", [new(value), g.Constant("head.axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)), name: "head.mean"),   // [B, D]
            _ => new Value(value),
        };
        var prefix = g.IsTaken(Mlp.Head) || g.IsTaken(Mlp.Head + ".weight") || g.IsTaken(Mlp.Head + ".bias") ? "new_head" : Mlp.Head;
        g.Weight(prefix + ".weight", Mlp.Uniform(seed, prefix + ".weight", 1 / Math.Sqrt(width), outputs, width).ToFloating(info.Type));
        g.Weight(prefix + ".bias", Tensor.Of(new float[outputs], outputs).ToFloating(info.Type));
        var name = body.Outputs[0].Name == "logits" || g.IsTaken("logits") ? "head.logits" : "logits";
        g.Output(g.Linear(x, prefix), name, info.Type, new Shape("B", outputs));
        return (g.Build() with { Metadata = graph.Metadata }, new HashSet<string>([prefix + ".weight", prefix + ".bias"], StringComparer.Ordinal));
    }

    /// <summary>
    /// Turns the two logits of a Softmax head into the one logit of a binary task, z = z₁ − z₀ (of the positive class minus the other): σ(z) is the softmax's probability, and the gradients
    /// of the binary cross-entropy with respect to both logits are those of the softmax cross-entropy. Nothing of the head is lost.
    /// </summary>
    /// <param name="graph">A graph whose first output is logits [B, 2] (<see cref="CutAtLogits"/>).</param>
    /// <param name="positive">Index of the positive class, 0 or 1.</param>
    /// <exception cref="WeightsException">The output has not two values a row.</exception>
    public static Graph ToSingleLogit(Graph graph, int positive)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)positive, 1u);
        var logits = graph.Outputs[0];
        var shape = ShapeInference.Infer(graph)[logits.Name].Shape ?? logits.Shape;
        if (shape is not { Rank: 2 } || shape[1].Size != 2) throw new WeightsException($"Output '{logits.Name}' is {logits.Type}{shape?.ToString() ?? "[…]"}; two logits a row [B, 2] were expected.");
        var g = new GraphBuilder(graph);
        var difference = g.Constant("logit.difference", Tensor.Of(positive == 1 ? (float[])[-1, 1] : [1, -1], 1, 2).ToFloating(logits.Type));   // [1, 2]
        var logit = g.Node("Gemm", [new(logits.Name), difference], Attributes.Of(("transB", 1L)), name: "logit");
        g.Output(logit, logit.Name, logits.Type, new Shape("B", 1));
        return g.Build() with { Metadata = graph.Metadata };
    }

    /// <summary>A regressor's output in deviations of the training targets, as the task learns: (y − mean) / scale. Nothing of its answer is lost.</summary>
    /// <param name="network">Its first output is in the target's own unit.</param>
    /// <param name="task">Mean and deviation of the training targets.</param>
    public static Graph Standardized(Graph network, Regression task)
    {
        var g = new GraphBuilder(network);
        var output = network.Outputs[0];
        var centred = g.Node("Sub", [new(output.Name), g.Constant("target.mean", Tensor.Of([(float)task.Mean]))]);
        var scaled = g.Node("Div", [centred, g.Constant("target.scale", Tensor.Of([(float)task.Scale]))]);
        g.Output(scaled, g.IsTaken("standardized") ? "standardized_output" : "standardized", DataType.Float, output.Shape ?? new Shape("B", 1));
        return g.Build() with { Metadata = network.Metadata };
    }

    /// <summary>The graph up to the value that its head reads, with weights of its own store.</summary>
    /// <exception cref="WeightsException">The head cannot be found; says where to cut instead.</exception>
    public static Graph CutAtFeatures(Graph graph)
    {
        var features = ShapeInference.Infer(graph)[GraphHead.Find(graph).Features];
        var body = GraphPruning.Run(graph with { Outputs = [features] });
        return body with { Weights = new WeightStore(body.Weights.All) };
    }

    private static Graph WithoutActivation(Graph graph, GraphHead head)
    {
        var output = head.Output.Name;
        var nodes = graph.Nodes.ToList();
        if (head.Tail.FirstOrDefault(GraphHead.IsActivation) is { } activation)
        {
            var (from, to) = (activation.Outputs[0], activation.Inputs[0]);
            nodes.Remove(activation);
            if (from == output) output = to;
            else for (var i = 0; i < nodes.Count; i++) nodes[i] = nodes[i].Inputs.Contains(from) ? nodes[i] with { Inputs = [.. nodes[i].Inputs.Select(n => n == from ? to : n)] } : nodes[i];
            if (!NamesOf(graph).Contains("logits")) (nodes, output) = (Rename(nodes, output, "logits"), "logits");
        }
        var inferred = ShapeInference.Infer(graph with { Nodes = nodes })[output];
        return GraphPruning.Run(graph with { Nodes = nodes, Outputs = [inferred] });
    }

    private static List<Node> Rename(List<Node> nodes, string from, string to) => nodes.ConvertAll(n => n with
    {
        Inputs = [.. n.Inputs.Select(i => i == from ? to : i)],
        Outputs = [.. n.Outputs.Select(o => o == from ? to : o)],
    });

    private static bool IsUsedOnce(Graph graph, WeightUse use)
    {
        var value = use.Path.Count == 0 ? use.Consumer.Inputs[use.Slot] : use.Path[0].Inputs[0];
        return graph.Weights[use.Weight].Aliases.Count == 0 && graph.Nodes.Count(n => GraphSort.Reads(n).Contains(value)) == 1
            && use.Path.All(p => graph.Nodes.Count(n => GraphSort.Reads(n).Contains(p.Outputs[0])) == 1);
    }

    private static void Put(WeightStore weights, Weight weight, bool replace)
    {
        if (replace) weights.Replace(weight);
        else weights.Add(weight);
    }

    // The fresh weight has the stored layout: where the old one went through a Transpose that others read too, the consumer gets a path of its own.
    private static void Rewire(List<Node> nodes, WeightUse use, string weight)
    {
        var value = weight;
        var at = nodes.FindIndex(n => n.Outputs[0] == use.Consumer.Outputs[0]);
        foreach (var step in use.Path)
        {
            var copy = step with { Name = $"{weight}.{step.Name}", Inputs = [value, .. step.Inputs.Skip(1)], Outputs = [$"{weight}.{step.Outputs[0]}"] };
            nodes.Insert(at++, copy);
            value = copy.Outputs[0];
        }
        nodes[at] = nodes[at] with { Inputs = [.. nodes[at].Inputs.Select((n, i) => i == use.Slot ? value : n)] };
    }

    private static Tensor Zeros(Tensor bias, int outputs)
    {
        long[] sizes = [.. bias.Sizes];
        var axis = Array.FindLastIndex(sizes, s => s > 1);
        if (sizes.Length == 0) sizes = [outputs];
        else sizes[axis < 0 ? sizes.Length - 1 : axis] = outputs;
        return Tensor.Of(new float[outputs], sizes).ToFloating(bias.Type);
    }

    // A Reshape behind the head may name the number of classes.
    private static void Resize(List<Node> nodes, WeightStore weights, HashSet<string> names, Node node, int before, int after)
    {
        if (!weights.TryGet(node.Inputs[1], out var target) || target.Value.Type != DataType.Int64) return;
        var sizes = target.Value.Data.Span<long>().ToArray();
        var axis = Array.LastIndexOf(sizes, before);
        if (axis < 0) return;
        sizes[axis] = after;
        var name = Unique(names, node.Inputs[1] + ".resized");
        weights.Add(name, Tensor.Of(sizes, sizes.Length), WeightRole.Constant);
        var at = nodes.IndexOf(node);
        nodes[at] = node with { Inputs = [node.Inputs[0], name] };
    }

    internal static HashSet<string> NamesOf(Graph graph)
        => [.. graph.Nodes.SelectMany(n => n.Outputs.Append(n.Name)), .. graph.Inputs.Select(i => i.Name), .. graph.Weights.All.SelectMany(w => w.Aliases.Prepend(w.Name))];

    internal static string Unique(HashSet<string> names, string hint)
    {
        if (names.Add(hint)) return hint;
        for (var i = 2; ; i++)
        {
            if (names.Add($"{hint}_{i}")) return $"{hint}_{i}";
        }
    }
}
