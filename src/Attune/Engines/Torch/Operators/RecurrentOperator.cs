using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// What LSTM, GRU and RNN share: directions, lengths, layout. Input projections of all steps are one product; the steps run one after the other. States of rows that
/// have ended stay as they are, and their outputs are 0.
/// </summary>
internal abstract class RecurrentOperator(string name, int gates, int states, params string[] activations) : TorchOperator
{
    public override string Name => name;

    /// <summary>One direction's weights and functions.</summary>
    internal sealed class Cell(torch.Tensor recurrence, torch.Tensor? recurrentBias, torch.Tensor? peepholes, Func<torch.Tensor, torch.Tensor>[] functions, float clip, torch.ScalarType computeType)
    {
        /// <summary>R [gates · H, H].</summary>
        public torch.Tensor Recurrence => recurrence;

        /// <summary>Bias of the recurrence [gates · H], where it is not part of the projection.</summary>
        public torch.Tensor? RecurrentBias => recurrentBias;

        /// <summary>P [3 · H]; null without.</summary>
        public torch.Tensor? Peepholes => peepholes;

        /// <summary>Applies an activation to a clipped value.</summary>
        public torch.Tensor Activate(int index, torch.Tensor x) => functions[index](clip > 0 ? x.Clamp(-clip, clip) : x);

        /// <summary>x·Wᵀ in the type that products are computed in, as x's type.</summary>
        public torch.Tensor Product(torch.Tensor x, torch.Tensor weight, torch.Tensor? bias = null)
            => torch.nn.functional.linear(x.dtype == torch.ScalarType.Float64 ? x : x.As(computeType), weight, bias).As(x.dtype);
    }

    /// <summary>One step: new states from the projected input [B, gates · H] and the old states.</summary>
    protected abstract torch.Tensor[] Step(TorchNode node, Cell cell, torch.Tensor projected, torch.Tensor[] states);

    /// <summary>True when the recurrence's bias has to stay apart from the input's.</summary>
    protected virtual bool KeepsBiasApart(TorchNode node) => false;

    public override TorchKernel Compile(TorchNode node)
    {
        int[] slots = [.. Enumerable.Range(0, 8).Select(node.Slot)];
        var direction = node.Attributes.Text("direction", "forward");
        var names = node.Attributes.Get<string[]>("activations") ?? [.. Enumerable.Repeat(activations, direction == "bidirectional" ? 2 : 1).SelectMany(a => a)];
        var functions = RecurrentActivation.All(names, node.Attributes.Get<float[]>("activation_alpha"), node.Attributes.Get<float[]>("activation_beta"));
        var (batchFirst, clip) = (node.Attributes.Int("layout") != 0, node.Attributes.Float("clip"));
        return TorchKernels.ScopedMany(frame =>
        {
            var outputs = new List<torch.Tensor>();
            var last = new List<torch.Tensor>[] { [], [] };
            var count = direction == "bidirectional" ? 2 : 1;
            for (var d = 0; d < count; d++)
            {
                var own = functions[(d * activations.Length)..((d + 1) * activations.Length)];
                var (all, final) = Direction(frame, node, slots, d, direction == "reverse" || d == 1, own, batchFirst, clip);
                outputs.Add(all);
                for (var i = 0; i < states; i++) last[i].Add(final[i]);
            }
            var y = torch.stack(outputs, batchFirst ? 2 : 1);   // [T, directions, B, H] or [B, T, directions, H]
            var results = new torch.Tensor?[1 + states];
            results[0] = y;
            for (var i = 0; i < states; i++) results[i + 1] = torch.stack(last[i], batchFirst ? 1 : 0);
            return results;
        });
    }

    private (torch.Tensor All, torch.Tensor[] Final) Direction(TorchFrame frame, TorchNode node, int[] slots, int d, bool backwards, Func<torch.Tensor, torch.Tensor>[] functions, bool batchFirst, float clip)
    {
        var source = batchFirst ? frame[slots[0]].transpose(0, 1) : frame[slots[0]];   // [T, B, D]
        var (steps, rows) = (source.size(0), source.size(1));
        using var input = frame.Compute(slots[1]);
        using var recurrence = frame.Compute(slots[2]);
        var hidden = recurrence.Value!.size(2);
        var bias = frame.Optional(slots[3])?.select(0, d);
        var (inputBias, recurrentBias) = (bias?.narrow(0, 0, gates * hidden), bias?.narrow(0, gates * hidden, gates * hidden));
        var apart = KeepsBiasApart(node);
        if (!apart && bias is not null) inputBias = inputBias!.Add(recurrentBias!);
        var cell = new Cell(recurrence.Value.select(0, d), apart ? recurrentBias : null, name == "LSTM" ? frame.Optional(slots[7])?.select(0, d) : null, functions, clip, frame.ComputeType);
        var projected = cell.Product(source, input.Value!.select(0, d));   // [T, B, gates · H]
        if (inputBias is not null) projected = projected.Add(inputBias);
        var state = new torch.Tensor[states];
        for (var i = 0; i < states; i++)
            state[i] = frame.Optional(slots[5 + i]) is { } initial ? initial.select(batchFirst ? 1 : 0, d) : torch.zeros([rows, hidden], source.dtype, source.device);
        var lengths = frame.Optional(slots[4])?.unsqueeze(1);   // [B, 1]
        var all = new torch.Tensor[steps];
        for (var k = 0L; k < steps; k++)
        {
            var t = backwards ? steps - 1 - k : k;
            var next = Step(node, cell, projected.select(0, t), state);
            var output = next[0];
            if (lengths is not null)
            {
                var runs = lengths.Gt(t);
                output = torch.where(runs, output, torch.zeros_like(output));
                for (var i = 0; i < states; i++) next[i] = torch.where(runs, next[i], state[i]);
            }
            all[t] = output;
            state = next;
        }
        return (torch.stack(all, batchFirst ? 1 : 0), state);
    }
}
