using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078). Gates in the order update, reset, hidden.</summary>
internal sealed class GRU() : RecurrentOperator("GRU", 3, 1, "Sigmoid", "Tanh")
{
    protected override bool KeepsBiasApart(TorchNode node) => true;

    protected override torch.Tensor[] Step(TorchNode node, Cell cell, torch.Tensor projected, torch.Tensor[] states)
    {
        var h = states[0];
        var width = h.size(-1);
        var input = projected.chunk(3, -1);
        var bias = cell.RecurrentBias?.chunk(3, 0);
        torch.Tensor Recurrent(int gate, torch.Tensor x)
        {
            var product = cell.Product(x, cell.Recurrence.narrow(0, gate * width, width));
            return bias is null ? product : product.Add(bias[gate]);
        }
        var update = cell.Activate(0, input[0].Add(Recurrent(0, h)));
        var reset = cell.Activate(0, input[1].Add(Recurrent(1, h)));
        var candidate = node.Attributes.Int("linear_before_reset") != 0 ? reset.mul(Recurrent(2, h)) : Recurrent(2, reset.mul(h));
        candidate = cell.Activate(1, input[2].Add(candidate));
        return [candidate.Add(update.mul(h.sub(candidate)))];
    }
}
