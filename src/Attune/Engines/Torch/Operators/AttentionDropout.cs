using Attune.Graphs;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// Marks the values of an <see cref="Attention"/> whose weights have dropout in training: the input itself here; the attention that reads it drops its weights with the ratio.
/// ONNX's operator has no such input, and the writer removes the mark.
/// </summary>
internal sealed class AttentionDropout : TorchOperator
{
    public override string Name => "AttentionDropout";

    public override string Domain => Node.AttuneDomain;

    public override bool IsPure => false;

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        return frame => [frame[x].alias()];
    }
}
