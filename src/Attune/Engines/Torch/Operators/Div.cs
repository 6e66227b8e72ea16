using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>a / b with broadcasting; integers are cut towards 0.</summary>
internal sealed class Div : TorchOperator
{
    public override string Name => "Div";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b) = (node.Slot(0), node.Slot(1));
        if (node.Type(0).IsFloating()) return TorchKernels.One(frame => frame[a].div(frame[b]));
        return TorchKernels.One(frame => frame[a].div(frame[b], torch.RoundingMode.trunc));
    }
}
