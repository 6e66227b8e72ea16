using System.Diagnostics.CodeAnalysis;

namespace Attune.Graphs.Operators;

/// <summary>One node with what is known about its inputs; collects what the operator says about its outputs.</summary>
public sealed class InferenceContext
{
    private readonly Func<string, KnownValue> _lookup;
    private readonly Func<Graph, IReadOnlyList<KnownValue>> _inferBody;
    private readonly KnownValue[] _outputs;

    internal InferenceContext(Node node, Func<string, KnownValue> lookup, Func<Graph, IReadOnlyList<KnownValue>> inferBody)
    {
        Node = node;
        (_lookup, _inferBody, _outputs) = (lookup, inferBody, new KnownValue[node.Outputs.Count]);
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>Its attributes.</summary>
    public Attributes Attributes => Node.Attributes;

    internal IReadOnlyList<KnownValue> Results => _outputs;

    /// <summary>True when the input is given.</summary>
    public bool Has(int input) => Node.Input(input) is not null;

    /// <summary>Element type of an input; undefined when unknown or absent.</summary>
    public DataType Type(int input) => Known(input).Type;

    /// <summary>Shape of an input; null when unknown or absent.</summary>
    public Graphs.Shape? Shape(int input) => Known(input).Shape;

    /// <summary>Elements of a small integer input of rank 0 or 1, as far as they are known; null when nothing is.</summary>
    public IReadOnlyList<Dimension>? Content(int input) => Known(input).Content;

    /// <summary>Elements of a small integer input when all are known; null otherwise.</summary>
    public long[]? Integers(int input)
    {
        if (Content(input) is not { } content) return null;
        var values = new long[content.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (content[i].Size is not { } value) return null;
            values[i] = value;
        }
        return values;
    }

    /// <summary>Elements of a small float input when they are known; null otherwise.</summary>
    internal float[]? Reals(int input) => Known(input).Reals;

    /// <summary>Greatest rank of a value; beyond it a file is hostile.</summary>
    public const int MaxRank = 64;

    /// <summary>States an output; ignored when the node does not name it.</summary>
    public void Output(int index, DataType type, Graphs.Shape? shape, IReadOnlyList<Dimension>? content = null)
    {
        if (shape?.Rank > MaxRank) Fail($"its output has rank {shape.Rank}; at most {MaxRank} is accepted");
        if (index < _outputs.Length) _outputs[index] = new KnownValue(type, shape, content);
    }

    /// <summary>Types and shapes of a subgraph's outputs; it sees the values around the node.</summary>
    internal IReadOnlyList<KnownValue> Body(Graph body) => _inferBody(body);

    /// <summary>Demands that a given input has a type of <paramref name="kind"/>.</summary>
    public void Require(int input, ElementKind kind)
    {
        var type = Type(input);
        var fits = type == DataType.Undefined || kind switch
        {
            ElementKind.Numeric => type is not (DataType.String or DataType.Bool),
            ElementKind.Floating => type.IsFloating(),
            ElementKind.Integer => type.IsInteger(),
            ElementKind.Index => type is DataType.Int32 or DataType.Int64,
            ElementKind.Boolean => type == DataType.Bool,
            _ => true,
        };
        if (!fits) Fail($"input {input} ('{Node.Inputs[input]}') is {type}; {Words(kind)} was expected");
    }

    /// <summary>Demands that the given inputs have one element type, and returns it.</summary>
    public DataType SameType(params ReadOnlySpan<int> inputs)
    {
        var first = -1;
        foreach (var input in inputs)
        {
            if (Type(input) == DataType.Undefined) continue;
            if (first < 0) first = input;
            else if (Type(first) != Type(input))
                Fail($"mixes {Type(first)} ('{Node.Inputs[first]}') with {Type(input)} ('{Node.Inputs[input]}')");
        }
        return first < 0 ? DataType.Undefined : Type(first);
    }

    /// <summary>An axis in 0…rank-1 from one that may count from the end.</summary>
    public int Axis(long axis, int rank)
    {
        if (axis < -rank || axis >= rank) Fail($"axis {axis} does not exist in rank {rank}");
        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>Demands a rank where the shape is known.</summary>
    public void RequireRank(int input, int least, int most = int.MaxValue)
    {
        if (Shape(input) is { } shape && (shape.Rank < least || shape.Rank > most))
            Fail($"input {input} ('{Node.Inputs[input]}') has shape {shape}; rank {(least == most ? $"{least}" : most == int.MaxValue ? $"{least} or more" : $"{least} to {most}")} was expected");
    }

    /// <summary>Two sizes that must agree: the more exact of them.</summary>
    public Dimension Agree(Dimension a, Dimension b, string what)
    {
        if (a.Size is { } x && b.Size is { } y && x != y) Fail($"{what}: {x} and {y} differ");
        return a.Size is not null ? a : b.Size is not null ? b : a.Symbol is not null ? a : b;
    }

    /// <summary>Reports a node that cannot run.</summary>
    [DoesNotReturn]
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Reads as context.Fail in every operator.")]
    public void Fail(string problem) => throw new InferenceException(problem);

    private KnownValue Known(int input) => Node.Input(input) is { } name ? _lookup(name) : default;

    private static string Words(ElementKind kind) => kind switch
    {
        ElementKind.Numeric => "a number type",
        ElementKind.Floating => "a floating type",
        ElementKind.Integer => "an integer type",
        ElementKind.Index => "int32 or int64",
        ElementKind.Boolean => "bool",
        _ => "any type",
    };
}
