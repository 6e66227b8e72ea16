using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>What happens when scattered values meet.</summary>
internal static class ScatterReduction
{
    /// <summary>Rows of a matrix [n, m] put at places, combined as ONNX's <c>reduction</c> says.</summary>
    public static torch.Tensor Rows(torch.Tensor target, torch.Tensor places, torch.Tensor rows, string reduction) => reduction switch
    {
        "none" => target.index_copy(0, places, rows),
        "add" => target.index_add(0, places, rows, Scalars.One),
        "mul" => Combined(target, places, rows, (a, b) => a.mul(b)),
        "max" => Combined(target, places, rows, (a, b) => a.maximum(b)),
        "min" => Combined(target, places, rows, (a, b) => a.minimum(b)),
        _ => throw new NotSupportedException($"reduction '{reduction}' is not known"),
    };

    // Rows that meet at one place go there in turns: each turn writes every place at most once, so that gradients follow.
    private static torch.Tensor Combined(torch.Tensor target, torch.Tensor places, torch.Tensor rows, Func<torch.Tensor, torch.Tensor, torch.Tensor> combine)
    {
        var seen = new Dictionary<long, int>();
        var turns = new List<List<long>>();
        var row = 0L;
        foreach (var place in TorchTensors.ToIntegers(places))
        {
            var turn = seen[place] = seen.GetValueOrDefault(place, -1) + 1;
            if (turn == turns.Count) turns.Add([]);
            turns[turn].Add(row++);
        }
        foreach (var turn in turns)
        {
            var which = TorchTensors.Integers([.. turn]).to(places.device);
            var at = places.index_select(0, which);
            target = target.index_copy(0, at, combine(target.index_select(0, at), rows.index_select(0, which)));
        }
        return target.alias();
    }
}
