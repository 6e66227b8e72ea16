using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Gradient checkpointing (Chen et al. 2016, arXiv:1604.06174): the forward pass keeps only the values that cross the borders of about √n segments; the backward pass
/// computes each segment again, with the same random numbers and without moving running statistics a second time.
/// </summary>
internal sealed class TorchCheckpointing
{
    private readonly TorchPlan _plan;
    private readonly int[] _borders;      // instruction indices: 0 … count
    private readonly int[][] _live;       // slots alive at each border that nodes filled

    /// <summary>Chooses borders where few values are alive.</summary>
    public TorchCheckpointing(TorchPlan plan)
    {
        _plan = plan;
        var alive = LiveCounts(plan);
        var count = plan.Instructions.Count;
        var segments = Math.Max(1, (int)Math.Round(Math.Sqrt(count)));
        var borders = new List<int> { 0 };
        for (var s = 1; s < segments; s++)
        {
            var (low, high) = ((int)((s - 0.5) * count / segments), (int)((s + 0.5) * count / segments));
            var best = Enumerable.Range(low, Math.Max(1, high - low)).Where(i => i > borders[^1] && i < count).OrderBy(i => alive[i].Length).ThenBy(i => Math.Abs(i - s * count / segments)).FirstOrDefault(-1);
            if (best > 0) borders.Add(best);
        }
        borders.Add(count);
        _borders = [.. borders];
        _live = [.. _borders.Select(b => alive[b])];
    }

    /// <summary>Values at the borders, kept for the backward pass.</summary>
    internal sealed class Tape(torch.Tensor?[][] kept) : IDisposable
    {
        /// <summary>For each segment the values alive at its start, in the order of the plan's list.</summary>
        public torch.Tensor?[][] Kept { get; } = kept;

        /// <inheritdoc/>
        public void Dispose()
        {
            foreach (var value in Kept.SelectMany(k => k)) value?.Dispose();
        }
    }

    /// <summary>Runs the plan without gradients; the outputs are left in the frame.</summary>
    public Tape Forward(TorchFrame frame)
    {
        using var _ = torch.no_grad();
        var kept = new torch.Tensor?[_borders.Length - 1][];
        for (var s = 0; s + 1 < _borders.Length; s++)
        {
            kept[s] = Array.ConvertAll(_live[s], slot => frame.Slots[slot]?.alias());
            _plan.Run(frame, _borders[s], _borders[s + 1]);
        }
        return new Tape(kept);
    }

    /// <summary>Computes the segments again from the last to the first and adds the gradients of the weights.</summary>
    /// <param name="tape">From <see cref="Forward"/>.</param>
    /// <param name="frame">A fresh frame with weights, constants and inputs.</param>
    /// <param name="outputGradient">Gradient of output 0.</param>
    public void Backward(Tape tape, TorchFrame frame, torch.Tensor outputGradient)
    {
        frame.MovesStatistics = false;
        var gradients = new Dictionary<int, torch.Tensor> { [_plan.Outputs[0]] = outputGradient.alias() };
        for (var s = _borders.Length - 2; s >= 0; s--)
        {
            var slots = _live[s];
            var leaves = Array.ConvertAll(tape.Kept[s], value => value!.detach());
            for (var i = 0; i < slots.Length; i++)
            {
                if (leaves[i].is_floating_point()) leaves[i].requires_grad_(true);
                frame.Slots[slots[i]] = leaves[i].alias();   // the plan frees its handle after the last use; the leaf stays ours
            }
            _plan.Run(frame, _borders[s], _borders[s + 1]);
            var ends = gradients.Where(g => frame.Slots[g.Key] is { requires_grad: true }).ToList();
            if (ends.Count > 0) torch.autograd.backward([.. ends.Select(e => frame[e.Key])], [.. ends.Select(e => e.Value)]);
            foreach (var gradient in gradients.Values) gradient.Dispose();
            gradients = [];
            for (var i = 0; i < slots.Length; i++)
            {
                if (leaves[i].grad is { } gradient) gradients.Add(slots[i], gradient);
                leaves[i].Dispose();
            }
            TorchExecutor.Release(_plan, frame);
        }
        foreach (var gradient in gradients.Values) gradient.Dispose();
    }

    /// <summary>For every position the slots that a node before it filled and a node behind it (or the caller) reads.</summary>
    private static int[][] LiveCounts(TorchPlan plan)
    {
        var alive = new SortedSet<int>();
        var counts = new int[plan.Instructions.Count + 1][];
        for (var i = 0; i < plan.Instructions.Count; i++)
        {
            counts[i] = [.. alive];
            alive.UnionWith(plan.Instructions[i].Outputs.Where(o => o >= 0));
            alive.ExceptWith(plan.Instructions[i].Releases);
        }
        counts[^1] = [.. alive];
        return counts;
    }
}
