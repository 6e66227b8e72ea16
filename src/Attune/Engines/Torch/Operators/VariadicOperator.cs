using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>f(f(a, b), c) … over all inputs, broadcast.</summary>
internal abstract class VariadicOperator(string name, Func<torch.Tensor, torch.Tensor, torch.Tensor> combine, bool isMean = false, bool orders = false) : TorchOperator
{
    public override string Name => name;

    public override TorchKernel Compile(TorchNode node)
    {
        var type = node.Type(0);
        int[] slots = [.. Enumerable.Range(0, node.Node.Inputs.Count).Select(node.Slot)];
        if (slots.Length == 1) return TorchKernels.Unary(node, x => x.alias());
        if (slots.Length == 2 && !isMean && !(orders && type == DataType.UInt64)) return TorchKernels.One(frame => combine(frame[slots[0]], frame[slots[1]]));
        var flips = orders && type == DataType.UInt64;
        return TorchKernels.Scoped(frame =>
        {
            var result = flips ? UnsignedWords.Ordered(frame[slots[0]]) : frame[slots[0]];
            foreach (var slot in slots[1..]) result = combine(result, flips ? UnsignedWords.Ordered(frame[slot]) : frame[slot]);
            return isMean ? result.Div(slots.Length) : flips ? UnsignedWords.Ordered(result) : UnsignedWords.Wrap(result, type);
        });
    }
}
