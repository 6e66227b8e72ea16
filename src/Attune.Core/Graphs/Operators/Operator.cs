namespace Attune.Graphs.Operators;

/// <summary>
/// What is known about an ONNX operator without running it: arity, types and shapes of its outputs, which inputs are weights.
/// One file per operator; each stands in <see cref="OperatorCatalog"/>.
/// </summary>
public abstract class Operator
{
    /// <summary>ONNX's name.</summary>
    public abstract string Name { get; }

    /// <summary>Domain; "" is ONNX's own.</summary>
    public virtual string Domain => "";

    /// <summary>The operator set in which the operator first appeared.</summary>
    public virtual int Since => 1;

    /// <summary>How many inputs it takes; the first <see cref="Arity.Min"/> must not be absent.</summary>
    public abstract Arity Inputs { get; }

    /// <summary>How many outputs it has. Default exactly 1.</summary>
    public virtual Arity Outputs => new(1, 1);

    /// <summary>Inputs that hold parameters when a float weight stands there.</summary>
    public virtual IReadOnlyList<int> WeightInputs => [];

    /// <summary>Inputs that hold running statistics.</summary>
    public virtual IReadOnlyList<int> BufferInputs => [];

    /// <summary>True when a weight along one channel axis is a parameter (the bias of Add, the gain of Mul).</summary>
    public virtual bool TakesChannelWeights => false;

    /// <summary>Checks the node and states type and shape of its outputs; what is unknown stays unknown.</summary>
    /// <exception cref="InferenceException">The node cannot run with these inputs.</exception>
    public abstract void Infer(InferenceContext context);
}
