using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>A forward pass in training mode that waits for the gradient of its output.</summary>
/// <param name="output">The output.</param>
/// <param name="lookups">Rows of embedding tables that were read.</param>
/// <param name="tape">What must live until the backward pass; null for plain autograd.</param>
/// <param name="backward">How gradients are computed; null for plain autograd.</param>
internal sealed class TorchPass(torch.Tensor output, TableLookups lookups, IDisposable? tape = null, Action<torch.Tensor>? backward = null) : IDisposable
{
    /// <summary>The output.</summary>
    public torch.Tensor Output { get; } = output;

    /// <summary>Adds the gradients of all trainable weights.</summary>
    public void Backward(torch.Tensor gradient)
    {
        if (backward is not null) backward(gradient);
        else if (Output.requires_grad) Output.backward([gradient]);
        lookups.AddGradients();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Output.Dispose();
        lookups.Dispose();
        tape?.Dispose();
    }
}
