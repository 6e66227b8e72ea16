using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997; peepholes: Gers and Schmidhuber 2000). Gates in the order input, output, forget, cell.</summary>
internal sealed class LSTM() : RecurrentOperator("LSTM", 4, 2, "Sigmoid", "Tanh", "Tanh")
{
    protected override torch.Tensor[] Step(TorchNode node, Cell cell, torch.Tensor projected, torch.Tensor[] states)
    {
        var (h, c) = (states[0], states[1]);
        var parts = projected.Add(cell.Product(h, cell.Recurrence)).chunk(4, -1);
        var (i, o, f, g) = (parts[0], parts[1], parts[2], parts[3]);
        var peepholes = cell.Peepholes?.chunk(3, 0);   // input, output, forget
        if (peepholes is not null) (i, f) = (i.Add(peepholes[0].mul(c)), f.Add(peepholes[2].mul(c)));
        i = cell.Activate(0, i);
        f = node.Attributes.Int("input_forget") != 0 ? i.neg().Add(1) : cell.Activate(0, f);
        var next = f.mul(c).Add(i.mul(cell.Activate(1, g)));
        if (peepholes is not null) o = o.Add(peepholes[1].mul(next));
        return [cell.Activate(0, o).mul(cell.Activate(2, next)), next];
    }
}
