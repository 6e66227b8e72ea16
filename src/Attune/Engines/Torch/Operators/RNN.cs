using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Simple recurrent network (Elman 1990): h = f(W·x + R·h + b).</summary>
internal sealed class RNN() : RecurrentOperator("RNN", 1, 1, "Tanh")
{
    protected override torch.Tensor[] Step(TorchNode node, Cell cell, torch.Tensor projected, torch.Tensor[] states)
        => [cell.Activate(0, projected.Add(cell.Product(states[0], cell.Recurrence)))];
}
