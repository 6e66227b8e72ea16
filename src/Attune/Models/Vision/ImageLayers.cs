using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Vision;

/// <summary>
/// The layers of image networks: each takes its weights from the source under upstream's name, adds them to the graph and appends the nodes.
/// Reads as a forward pass in every family's file.
/// </summary>
/// <param name="graph">The graph under construction.</param>
/// <param name="source">Where weights come from.</param>
internal sealed class ImageLayers(GraphBuilder graph, WeightSource source)
{
    /// <summary>How a family starts its convolutions; He's fan-out rule unless it says otherwise.</summary>
    public Func<IReadOnlyList<long>, Start> ConvStart { get; init; } = Start.HeFanOut;

    /// <summary>How a family starts its linear layers; PyTorch's default unless it says otherwise.</summary>
    public Func<IReadOnlyList<long>, Start> LinearStart { get; init; } = Start.TorchDefault;

    /// <summary>How a family starts the biases of linear layers and convolutions.</summary>
    public Func<IReadOnlyList<long>, Start>? BiasStart { get; init; }

    /// <summary>ε of batch normalisation.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Pads like TensorFlow's SAME instead of (kernel − 1) / 2 on each side.</summary>
    public bool SamePadding { get; init; }

    /// <summary>The graph's one input, <c>pixel_values</c> [B, 3, H, W]; sizes null where any will do.</summary>
    public static (GraphBuilder Graph, FeatureMap Image) Begin(string name, int? size = null)
    {
        var g = new GraphBuilder(name);
        var shape = size is { } s ? new Shape("B", 3, s, s) : new Shape("B", 3, "H", "W");
        return (g, new FeatureMap(g.Input(VisionModel.Input, DataType.Float, shape), 3));
    }

    /// <summary>Declares <c>logits</c> [B, K] and checks that the source was used up.</summary>
    public Graph End(FeatureMap logits)
    {
        graph.Output(logits.Value, VisionModel.Output, DataType.Float, new Shape("B", logits.Channels));
        source.Finish(graph.Name);
        return graph.Build();
    }


    /// <summary>A weight of its own: a token, positions, a scale.</summary>
    public Value Parameter(string name, Start start, params long[] sizes) => graph.Weight(name, source.Take(name, sizes, start));

    /// <summary>Convolution; padding defaults to half the kernel.</summary>
    public FeatureMap Conv(FeatureMap x, string name, int channels, int kernel = 1, int stride = 1, int? padding = null, int groups = 1, bool bias = false, Func<IReadOnlyList<long>, Start>? start = null)
    {
        if (groups < 1 || x.Channels % groups != 0) throw new WeightsException($"Layer '{name}': {x.Channels} channels cannot be cut into {groups} groups.");
        long[] sizes = [channels, x.Channels / groups, kernel, kernel];
        Parameter(name + ".weight", (start ?? ConvStart)(sizes), sizes);
        if (bias) Parameter(name + ".bias", BiasStart?.Invoke(sizes) ?? Start.Zero, channels);
        var value = graph.Conv(x.Value, name, stride, SamePadding && padding is null && stride > 1 ? null : padding ?? (kernel - 1) / 2, groups);
        return new FeatureMap(value, channels);
    }

    /// <summary>Batch normalisation.</summary>
    public FeatureMap BatchNorm(FeatureMap x, string name)
    {
        Parameter(name + ".weight", Start.One, x.Channels);
        Parameter(name + ".bias", Start.Zero, x.Channels);
        foreach (var (part, start) in ((string, Start)[])[(".running_mean", Start.Zero), (".running_var", Start.One)])
            graph.Weight(name + part, source.Take(name + part, [x.Channels], start), WeightRole.Buffer);
        return x with { Value = graph.BatchNorm(x.Value, name, Epsilon) };
    }

    /// <summary>Layer normalisation over the last axis.</summary>
    public FeatureMap LayerNorm(FeatureMap x, string name, float epsilon)
    {
        NormWeights(x, name);
        return x with { Value = graph.LayerNorm(x.Value, name, epsilon) };
    }

    /// <summary>Layer normalisation over the channels of [B, C, H, W].</summary>
    public FeatureMap LayerNormChannels(FeatureMap x, string name, float epsilon)
    {
        NormWeights(x, name);
        return x with { Value = graph.LayerNormChannels(x.Value, name, epsilon) };
    }

    /// <summary>Linear layer over [B, C].</summary>
    public FeatureMap Linear(FeatureMap x, string name, int width, Func<IReadOnlyList<long>, Start>? start = null)
    {
        long[] sizes = [width, x.Channels];
        Parameter(name + ".weight", (start ?? LinearStart)(sizes), sizes);
        Parameter(name + ".bias", BiasStart?.Invoke(sizes) ?? Start.Zero, width);
        return new FeatureMap(graph.Linear(x.Value, name), width);
    }

    /// <summary>Linear layer along the last axis of any rank.</summary>
    public FeatureMap LinearLast(FeatureMap x, string name, int width, bool bias = true) => LinearLast(x, name, $"{name}.weight", bias ? $"{name}.bias" : null, width);

    /// <summary>Linear layer along the last axis of any rank, its weights under names of their own.</summary>
    public FeatureMap LinearLast(FeatureMap x, string name, string weight, string? bias, int width)
    {
        long[] sizes = [width, x.Channels];
        var w = Parameter(weight, LinearStart(sizes), sizes);
        Value? b = bias is null ? null : Parameter(bias, BiasStart?.Invoke(sizes) ?? Start.Zero, width);
        return new FeatureMap(graph.LinearLast(x.Value, w, b, name), width);
    }

    /// <summary>Applies an activation by upstream's name: relu, relu6, silu, hardswish, gelu, or none.</summary>
    public FeatureMap Activate(FeatureMap x, string activation) => x with
    {
        Value = activation switch
        {
            "none" => x.Value,
            "relu" => graph.Relu(x.Value),
            "relu6" => graph.Relu6(x.Value),
            "silu" => graph.Silu(x.Value),
            "hardswish" => graph.HardSwish(x.Value),
            "gelu" => graph.Gelu(x.Value),
            "tanh" => graph.Tanh(x.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No such activation."),
        },
    };

    /// <summary>max(x, 0).</summary>
    public FeatureMap Relu(FeatureMap x) => Activate(x, "relu");

    /// <summary>Greatest element of each window.</summary>
    public FeatureMap MaxPool(FeatureMap x, int kernel, int stride, int padding = 0) => x with { Value = graph.MaxPool(x.Value, kernel, stride, padding) };

    /// <summary>Mean of each window.</summary>
    public FeatureMap AveragePool(FeatureMap x, int kernel, bool ceiling = false) => x with { Value = graph.AveragePool(x.Value, kernel, ceiling) };

    /// <summary>Mean over all places, [B, C, H, W] → [B, C].</summary>
    public FeatureMap Pool(FeatureMap x) => x with { Value = graph.Flatten(graph.GlobalAveragePool(x.Value)) };

    /// <summary>Mean over all places, [B, C, H, W] → [B, C, 1, 1].</summary>
    public FeatureMap GlobalPool(FeatureMap x) => x with { Value = graph.GlobalAveragePool(x.Value) };

    /// <summary>Dropout in training.</summary>
    public FeatureMap Dropout(FeatureMap x, double probability) => x with { Value = graph.Dropout(x.Value, (float)probability) };

    /// <summary>a + b.</summary>
    public FeatureMap Add(FeatureMap a, FeatureMap b) => a with { Value = graph.Add(a.Value, b.Value) };

    /// <summary>Channel gates from the mean over places (Hu et al. 2018, arXiv:1709.01507): x · gate(expand(act(reduce(mean x)))).</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="reduce">Name of the first 1×1 convolution.</param>
    /// <param name="expand">Name of the second.</param>
    /// <param name="channels">Channels between them.</param>
    /// <param name="activation">Activation between them.</param>
    /// <param name="hard">Gates with the hard sigmoid (MobileNetV3).</param>
    public FeatureMap SqueezeExcitation(FeatureMap x, string reduce, string expand, int channels, string activation, bool hard = false)
    {
        var s = Activate(Conv(GlobalPool(x), reduce, channels, bias: true), activation);   // [B, C', 1, 1]
        s = Conv(s, expand, x.Channels, bias: true);                                       // [B, C, 1, 1]
        return x with { Value = graph.Mul(x.Value, hard ? graph.HardSigmoid(s.Value) : graph.Sigmoid(s.Value)) };
    }

    private void NormWeights(FeatureMap x, string name)
    {
        Parameter(name + ".weight", Start.One, x.Channels);
        Parameter(name + ".bias", Start.Zero, x.Channels);
    }
}
