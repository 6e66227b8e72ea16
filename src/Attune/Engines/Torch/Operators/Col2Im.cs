using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Adds sliding blocks [B, C · block, blocks] back into an image [B, C, …]; blocks that lie in the padding are dropped.</summary>
internal sealed class Col2Im : TorchOperator
{
    public override string Name => "Col2Im";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var (image, block) = (node.IntegersAtRun(1)!, node.IntegersAtRun(2)!);
        return TorchKernels.Scoped(frame => Folded(frame[x], image(frame), new SlidingWindow(node, block(frame))));
    }

    private static torch.Tensor Folded(torch.Tensor x, long[] image, SlidingWindow window)
    {
        var padded = image.Select((size, i) => size + window.Before[i] + window.After[i]).ToArray();
        var area = padded.Aggregate(1L, (a, b) => a * b);
        var rank = image.Length;
        // where each element of each block goes: [block …, blocks …] over the padded image
        var places = window.Windows(TorchArithmetic.Arange(area, torch.ScalarType.Int64, x.device).reshape([1, 1, .. padded]));
        places = places.permute([0, 1, .. Enumerable.Range(2 + rank, rank).Select(i => (long)i), .. Enumerable.Range(2, rank).Select(i => (long)i)]).reshape(-1);
        var elements = window.Kernel.Aggregate(1L, (a, b) => a * b);
        var channels = x.size(1) / elements;
        var flat = torch.zeros([x.size(0), channels, area], x.dtype, x.device).index_add(2, places, x.reshape(x.size(0), channels, -1), Scalars.One);
        var crops = new long[2 * rank];   // the last axis first
        for (var i = 0; i < rank; i++) (crops[2 * i], crops[2 * i + 1]) = (-window.Before[^(i + 1)], -window.After[^(i + 1)]);
        return torch.nn.functional.pad(flat.reshape([x.size(0), channels, .. padded]), crops);
    }
}
