namespace Attune.Engines.Dense;

/// <summary>
/// One step of a compiled plan. Forward and backward run over rows [start, end) of one shard, all shards side by side; an operator that needs other
/// rows waits at <see cref="DenseContext.Barrier"/>. Backward writes or adds the gradients of its inputs and parameters as the plan decided.
/// </summary>
internal abstract unsafe class DenseOperator(string name, DenseValue[] inputs, DenseValue output, DenseParameter[] parameters)
{
    /// <summary>Node name, for messages and random streams.</summary>
    public string Name { get; } = name;

    public DenseValue[] Inputs { get; } = inputs;

    public DenseValue Output { get; } = output;

    /// <summary>Weights whose gradient this operator computes when they train.</summary>
    public DenseParameter[] Parameters { get; } = parameters;

    /// <summary>Per input: another consumer has written the gradient before.</summary>
    public bool[] AddsInput { get; } = new bool[inputs.Length];

    /// <summary>Per parameter: another use has written the gradient before in the same pass.</summary>
    public bool[] AddsParameter { get; } = new bool[parameters.Length];

    /// <summary>Memory that the operator keeps between forward and backward.</summary>
    public virtual void Allocate(DenseMemory memory, int maxRows, int threads) { }

    /// <summary>Before the shards start: packed copies and whatever follows from changed weights.</summary>
    public virtual void Prepare(DenseContext context, bool backward) { }

    public abstract void Forward(DenseContext context, int shard, int start, int end);

    /// <summary>Only called when <see cref="Output"/> needs a gradient.</summary>
    public abstract void Backward(DenseContext context, int shard, int start, int end);

    /// <summary>The gradient of a trainable parameter in this shard's buffer, or null when it is frozen.</summary>
    protected float* Gradient(DenseContext context, int shard, int parameter)
        => Parameters[parameter].Trainable is null ? null : context.Gradients(shard) + Parameters[parameter].Offset;

    /// <summary>True when the parameter's gradient is to be added to what is there.</summary>
    protected bool Adds(DenseContext context, int shard, int parameter) => AddsParameter[parameter] || !context.Fresh[shard];
}
