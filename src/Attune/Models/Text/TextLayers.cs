using System.Globalization;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>
/// The layers of text networks: each takes its weights from the source under upstream's name, adds them to the graph once (layers may share them), and appends the nodes.
/// Reads as a forward pass in every family's file.
/// </summary>
/// <param name="graph">The graph under construction.</param>
/// <param name="source">Where weights come from.</param>
/// <param name="shape">Sizes and probabilities of the network.</param>
/// <param name="takesPositions">True when positions are an input.</param>
internal sealed class TextLayers(GraphBuilder graph, WeightSource source, TextShape shape, bool takesPositions)
{
    // As low as bf16 goes, so that it stays finite in each type; far below any score, as upstream's finfo.min is.
    private const float Masked = -3.3895314e38f;

    private Value? _bias;
    private Value? _tokens;
    private Value? _places;

    /// <summary>The graph under construction.</summary>
    public GraphBuilder Graph => graph;

    /// <summary>Token ids [B, T], int64.</summary>
    public Value Ids { get; } = graph.Input(TextModel.InputIds, DataType.Int64, new Shape("B", "T"));

    /// <summary>1 for a token, 0 for padding [B, T], int64.</summary>
    public Value Mask { get; } = graph.Input(TextModel.AttentionMask, DataType.Int64, new Shape("B", "T"));

    /// <summary>Segments [B, T], int64; null where the family has none.</summary>
    public Value? Types { get; } = shape.HasTokenTypes ? graph.Input(TextModel.TokenTypeIds, DataType.Int64, new Shape("B", "T")) : null;

    /// <summary>Positions [B, T], int64; null for 0 to T − 1 in every row.</summary>
    public Value? Positions { get; } = takesPositions ? graph.Input(TextModel.PositionIds, DataType.Int64, new Shape("B", "T")) : null;

    /// <summary>Names of the values that upstream returns as hidden states: the embeddings', then each layer's output.</summary>
    public List<string> HiddenStates { get; } = [];

    /// <summary>Number of tokens T, [1].</summary>
    public Value Tokens => _tokens ??= graph.Node("Shape", [Ids], Attributes.Of(("start", 1L), ("end", 2L)));

    /// <summary>0 to T − 1, [T].</summary>
    public Value Places => _places ??= graph.Node("Range", [Scalar(0L), graph.Node("Squeeze", [Tokens, Axes(0)]), Scalar(1L)]);

    /// <summary>Remembers a hidden state.</summary>
    public Value State(Value x)
    {
        HiddenStates.Add(x.Name);
        return x;
    }

    /// <summary>A weight, taken when it is first asked for.</summary>
    public Value Parameter(string name, Start start, params long[] sizes) => graph.Weights.Contains(name) ? new Value(name) : graph.Weight(name, source.Take(name, sizes, start));

    /// <summary>x·Wᵀ + b along the last axis.</summary>
    public Value Linear(Value x, string name, int from, int to, bool bias = true)
    {
        LinearWeights(name, from, to, bias);
        return graph.LinearLast(x, name);
    }

    /// <summary>x·Wᵀ + b of x [B, in].</summary>
    public Value Dense(Value x, string name, int from, int to, bool bias = true)
    {
        LinearWeights(name, from, to, bias);
        return graph.Linear(x, name);
    }

    /// <summary>Scores of every word from x [B, T, D] with the table <paramref name="table"/> [V, D] that the embeddings use, too.</summary>
    /// <param name="x">[B, T, D].</param>
    /// <param name="name">Name of the layer.</param>
    /// <param name="table">Name of the word embeddings.</param>
    /// <param name="width">D.</param>
    /// <param name="bias">Name of the bias [V]; null for none.</param>
    /// <param name="aliases">Further names of the bias.</param>
    public Value Vocabulary(Value x, string name, string table, int width, string? bias, params string[] aliases)
    {
        Value weight;
        if (shape.TiesWords)
        {
            weight = new Value(table);
            Alias(table, name + ".weight");
        }
        else weight = Parameter(name + ".weight", Normal, shape.VocabularySize, width);
        Value? added = bias is null ? null : Parameter(bias, Start.Zero, shape.VocabularySize);
        foreach (var alias in aliases) Alias(bias!, alias);
        return graph.LinearLast(x, weight, added, name);
    }

    /// <summary>Layer normalisation over the last axis.</summary>
    public Value LayerNorm(Value x, string name, int width, bool bias = true)
    {
        var scale = Parameter(name + ".weight", Start.One, width);
        Value[] inputs = bias ? [x, scale, Parameter(name + ".bias", Start.Zero, width)] : [x, scale];
        return graph.Node("LayerNormalization", inputs, Attributes.Of(("axis", -1L), ("epsilon", shape.Epsilon)), name: name);
    }

    /// <summary>x / √(mean x² + ε) · γ over the last axis.</summary>
    public Value RmsNorm(Value x, string name, int width)
        => graph.Node("RMSNormalization", [x, Parameter(name + ".weight", Start.One, width)], Attributes.Of(("axis", -1L), ("epsilon", shape.Epsilon)), name: name);

    /// <summary>A table of embeddings [rows, width]; a fresh one has zeros in the row of padding, as upstream's.</summary>
    public Value Table(string name, int rows, int width, int? padding = null)
    {
        if (graph.Weights.Contains(name)) return new Value(name);
        var value = source.Take(name, [rows, width], Normal);
        if (source is FreshWeights && padding is { } row && row >= 0 && row < rows) value.Data.Span<float>((long)row * width, width).Clear();
        return graph.Weight(name, value);
    }

    /// <summary>Rows of a table.</summary>
    public Value Lookup(Value table, Value ids) => graph.Node("Gather", [table, ids], Attributes.Of(("axis", 0L)), name: table.Name.EndsWith(".weight", StringComparison.Ordinal) ? table.Name[..^7] : table.Name);

    /// <summary>The first T rows of a table.</summary>
    public Value FirstRows(Value table) => graph.Node("Slice", [table, Integers(0), Tokens, Integers(0)]);

    /// <summary>
    /// Positions counted from the padding's id on, over tokens that are no padding (RoBERTa): cumsum(ids ≠ pad) · (ids ≠ pad) + pad, [B, T].
    /// </summary>
    public Value PositionsFromIds(int padding)
    {
        var real = graph.Node("Cast", [graph.Node("Not", [graph.Node("Equal", [Ids, Scalar((long)padding)])])], Attributes.Of(("to", (long)DataType.Int64)));
        var count = graph.Mul(graph.Node("CumSum", [real, Scalar(1L)]), real);
        return graph.Add(count, Scalar((long)padding));
    }

    /// <summary>Zeroes a share of the elements in training.</summary>
    public Value Dropout(Value x, double probability) => graph.Dropout(x, (float)(shape.DropoutOverride ?? probability));

    /// <summary>0 for tokens, very low for padding; added to scores [B, N, T, T]: [B, 1, 1, T].</summary>
    public Value MaskBias => _bias ??= Unsqueeze(graph.Mul(graph.Node("Sub", [Scalar(1f), Float(Mask)]), Scalar(Masked)), 1, 2);

    /// <summary>A number far below every score.</summary>
    public Value Lowest => Scalar(Masked);

    /// <summary>Integers as real numbers.</summary>
    public Value Float(Value x) => graph.Node("Cast", [x], Attributes.Of(("to", (long)DataType.Float)));

    /// <summary>
    /// softmax(scale · q·kᵀ + bias)·v over [B, N, T, d], with dropout of the attention's weights in training.
    /// </summary>
    public Value Attention(Value q, Value k, Value v, Value? bias, double? scale = null, bool isCausal = false, string? name = null)
    {
        var ratio = (float)(shape.DropoutOverride ?? shape.AttentionDropout);
        if (ratio > 0) v = graph.Node("AttentionDropout", [v], Attributes.Of(("ratio", ratio)), Node.AttuneDomain, name is null ? null : name + ".dropout");
        var attributes = new List<(string, object)>();
        if (scale is { } s) attributes.Add(("scale", (float)s));
        if (isCausal) attributes.Add(("is_causal", 1L));
        return graph.Node("Attention", bias is { } b ? [q, k, v, b] : [q, k, v], Attributes.Of([.. attributes]), name: name);
    }

    /// <summary>Self-attention with separate layers for query, key and value: [B, T, D] → [B, T, D].</summary>
    public Value SelfAttention(Value x, string query, string key, string value, Value bias)
    {
        Value Heads(string name) => graph.SplitHeads(Linear(x, name, shape.Width, shape.Width), shape.Heads, shape.Width);   // [B, N, T, d]
        return graph.MergeHeads(Attention(Heads(query), Heads(key), Heads(value), bias, name: query[..query.LastIndexOf('.')]), shape.Width);
    }

    /// <summary>An activation by upstream's name.</summary>
    public Value Activate(Value x, string name) => name switch
    {
        "gelu" or "gelu_python" => graph.Gelu(x),
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => graph.Gelu(x, tanh: true),
        "relu" => graph.Relu(x),
        "silu" or "swish" => graph.Silu(x),
        "tanh" => graph.Tanh(x),
        "sigmoid" => graph.Sigmoid(x),
        "linear" => x,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such activation."),
    };

    /// <summary>Names that <see cref="Activate"/> knows.</summary>
    public static IReadOnlyList<string> Activations { get; } = ["gelu", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh", "linear", "relu", "sigmoid", "silu", "swish", "tanh"];

    /// <summary>The first token's vector, [B, T, D] → [B, D].</summary>
    public Value First(Value x) => graph.Pick(x, 0, axis: 1);

    /// <summary>A scalar constant.</summary>
    public Value Scalar(long value) => graph.Constant("number", Tensor.Of([value]));

    /// <summary>A scalar constant.</summary>
    public Value Scalar(float value) => graph.Constant("number", Tensor.Of([value]));

    /// <summary>A row of integers.</summary>
    public Value Integers(params long[] values) => graph.Constant("integers", Tensor.Of(values, values.Length));

    /// <summary>New axes of size 1.</summary>
    public Value Unsqueeze(Value x, params long[] axes) => graph.Node("Unsqueeze", [x, Axes(axes)]);

    /// <summary>Distances i − j + (limit − 1) of the places i (rows) and j (columns), [T, T]: indices into a table over −(limit − 1) … limit − 1.</summary>
    public Value Distances(int limit) => graph.Add(graph.Node("Sub", [Unsqueeze(Places, 1), Unsqueeze(Places, 0)]), Scalar(limit - 1L));

    /// <summary>Normal with the configuration's <c>initializer_range</c>.</summary>
    public Start Normal => Start.Normal(shape.InitializerRange);

    /// <summary>A number in a name.</summary>
    public static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);

    private Value Axes(params long[] axes) => graph.Constant("axes", Tensor.Of(axes, axes.Length));

    private void LinearWeights(string name, int from, int to, bool bias)
    {
        Parameter(name + ".weight", Normal, to, from);
        if (bias) Parameter(name + ".bias", Start.Zero, to);
    }

    private void Alias(string name, string alias)
    {
        var weight = graph.Weights[name];
        if (!graph.Weights.Contains(alias)) graph.Weights.Replace(weight with { Aliases = [.. weight.Aliases, alias] });
    }
}
