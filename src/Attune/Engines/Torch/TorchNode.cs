using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>What a kernel may know about its node when a plan is compiled for one class of input shapes.</summary>
/// <param name="node">The node.</param>
/// <param name="plan">What is known of its values.</param>
/// <param name="slotOf">Where the frame holds a value.</param>
internal sealed class TorchNode(Node node, TorchPlanBuilder plan, Func<string, int> slotOf)
{
    /// <summary>The node.</summary>
    public Node Node { get; } = node;

    /// <summary>Its attributes.</summary>
    public Attributes Attributes => Node.Attributes;

    /// <summary>True when the input is given.</summary>
    public bool Has(int input) => Node.Input(input) is not null;

    /// <summary>True when the output is named by the node.</summary>
    public bool Wants(int output) => Node.Output(output) is not null;

    /// <summary>The node that computes an input; null for graph inputs and weights.</summary>
    public Node? Writer(int input) => Node.Input(input) is { } name ? plan.WriterOf(name) : null;

    /// <summary>Where the frame holds an input; -1 when absent.</summary>
    public int Slot(int input) => Node.Input(input) is { } name ? slotOf(name) : -1;

    /// <summary>Element type of an input, undefined when absent or unknown.</summary>
    public DataType Type(int input) => Node.Input(input) is { } name ? plan.Known(name).Type : DataType.Undefined;

    /// <summary>Element type of an output as the shape rule gives it.</summary>
    public DataType OutputType(int output) => Node.Output(output) is { } name ? plan.Known(name).Type : DataType.Undefined;

    /// <summary>Shape of an input in this shape class; null where it is only known at run time.</summary>
    public long[]? Shape(int input) => Node.Input(input) is { } name ? plan.Known(name).Shape?.Known() : null;

    /// <summary>Shape of an output in this shape class; null where it is only known at run time.</summary>
    public long[]? OutputShape(int output) => Node.Output(output) is { } name ? plan.Known(name).Shape?.Known() : null;

    /// <summary>Rank of an input.</summary>
    /// <exception cref="NotSupportedException">It is not known, which no kernel that asks can do without.</exception>
    public int Rank(int input) => Node.Input(input) is { } name && plan.Known(name).Shape is { } shape ? shape.Rank : throw new NotSupportedException($"the rank of input {input} is not known before the graph runs");

    /// <summary>The value of an input when it does not depend on the data (a constant, or computed from constants and shapes); null otherwise.</summary>
    public torch.Tensor? Constant(int input) => Node.Input(input) is { } name ? plan.ConstantOf(name) : null;

    /// <summary>Integers of an input when it does not depend on the data; null otherwise.</summary>
    public long[]? Integers(int input) => Constant(input) is { } value ? TorchTensors.ToIntegers(value) : null;

    /// <summary>Integers of an input: decided now when it does not depend on the data, else read from the frame at each run. Null when the input is absent.</summary>
    public Func<TorchFrame, long[]>? IntegersAtRun(int input)
    {
        if (!Has(input)) return null;
        if (Integers(input) is { } known) return _ => known;
        var slot = Slot(input);
        return frame => TorchTensors.ToIntegers(frame[slot]);
    }

    /// <summary>A single real number of an input when it does not depend on the data; null otherwise.</summary>
    public double? Scalar(int input)
    {
        if (Constant(input) is not { } value || value.numel() != 1) return null;
        using var wide = value.to_type(torch.ScalarType.Float64, false, false, false);
        using var host = wide.cpu();
        return host.item<double>();
    }

    /// <summary>The subgraph in an attribute, compiled into the same plan; null when there is none.</summary>
    public TorchBody? Body(string attribute) => Attributes.Get<Graph>(attribute) is { } graph ? plan.Body(graph) : null;

    /// <summary>An axis in 0…rank-1 from one that may count from the end.</summary>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>The stream of random numbers that belongs to this node.</summary>
    public string RandomName => Node.Name;
}
