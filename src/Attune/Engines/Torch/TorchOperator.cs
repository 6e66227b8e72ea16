using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// How libtorch computes an ONNX operator, forward through autograd. One file per operator; each stands in <see cref="TorchOperatorCatalog"/>. The shape rule is
/// the operator of the same name in Attune.Core.
/// </summary>
internal abstract class TorchOperator
{
    /// <summary>ONNX's name.</summary>
    public abstract string Name { get; }

    /// <summary>Domain; "" is ONNX's own.</summary>
    public virtual string Domain => "";

    /// <summary>
    /// False when the result is not a function of the inputs alone (Dropout's draws, BatchNormalization's statistics): such a node is never folded, and in a frozen
    /// prefix it runs in evaluation mode.
    /// </summary>
    public virtual bool IsPure => true;

    /// <summary>Makes the node's kernel for one shape class. Whatever can be decided once (attributes, axes, known sizes) is decided here.</summary>
    /// <exception cref="NotSupportedException">The node asks for something that the engine does not compute; says what.</exception>
    public abstract TorchKernel Compile(TorchNode node);
}

/// <summary>
/// Computes a node's outputs from the frame: one owned handle per output (null where the node does not name it). A kernel never works in place on a value of the
/// frame, disposes its own temporaries, and returns <c>alias()</c> where the output is an input.
/// </summary>
internal delegate torch.Tensor?[] TorchKernel(TorchFrame frame);

/// <summary>Kernels from simpler functions.</summary>
internal static class TorchKernels
{
    /// <summary>A node with one output.</summary>
    public static TorchKernel One(Func<TorchFrame, torch.Tensor> compute) => frame => [compute(frame)];

    /// <summary>A function of input 0 alone.</summary>
    public static TorchKernel Unary(TorchNode node, Func<torch.Tensor, torch.Tensor> compute)
    {
        var x = node.Slot(0);
        return frame => [compute(frame[x])];
    }

    /// <summary>A node with one output whose temporaries are freed when it is computed. The function may return a new handle only, never a value of the frame.</summary>
    public static TorchKernel Scoped(Func<TorchFrame, torch.Tensor> compute) => frame =>
    {
        using var scope = torch.NewDisposeScope();
        return [compute(frame).MoveToOuterDisposeScope()];
    };

    /// <summary>A function of input 0 alone whose temporaries are freed.</summary>
    public static TorchKernel Scoped(TorchNode node, Func<torch.Tensor, torch.Tensor> compute)
    {
        var x = node.Slot(0);
        return Scoped(frame => compute(frame[x]));
    }

    /// <summary>A node with several outputs (null where the node does not name one) whose temporaries are freed.</summary>
    public static TorchKernel ScopedMany(Func<TorchFrame, torch.Tensor?[]> compute) => frame =>
    {
        using var scope = torch.NewDisposeScope();
        return Array.ConvertAll(compute(frame), value => value?.MoveToOuterDisposeScope());
    };
}
