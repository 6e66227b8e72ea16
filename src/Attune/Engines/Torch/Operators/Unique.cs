using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// The distinct elements, or slices of an axis: sorted, or in the order in which they first occur; with the first place, the place of each in the result, and counts.
/// </summary>
internal sealed class Unique : TorchOperator
{
    public override string Name => "Unique";

    public override TorchKernel Compile(TorchNode node)
    {
        var whole = !node.Attributes.ContainsKey("axis");
        var (given, sorted) = (node.Attributes.Int("axis"), node.Attributes.Int("sorted", 1) != 0);
        var input = node.Slot(0);
        return TorchKernels.ScopedMany(frame =>
        {
            var x = whole ? frame[input].reshape(-1) : frame[input];
            var axis = whole ? 0 : TorchNode.Axis(given, (int)x.dim());
            var (first, inverse, counts) = Groups(x, axis, sorted);
            return [x.index_select(axis, TorchTensors.Integers(first).to(x.device)), Placed(first), Placed(inverse), Placed(counts)];

            torch.Tensor Placed(long[] values) => TorchTensors.Integers(values).to(x.device);
        });
    }

    private static (long[] First, long[] Inverse, long[] Counts) Groups(torch.Tensor x, int axis, bool sorted)
    {
        var rows = x.movedim([axis], [0]).reshape(x.size(axis), -1);
        var (count, width) = ((int)rows.size(0), (int)rows.size(1));
        var values = rows.is_floating_point() ? null : TorchTensors.ToIntegers(rows);
        var reals = values is null ? rows.As(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray() : null;
        int Compare(int a, int b)
        {
            for (var i = 0; i < width; i++)
            {
                var order = values is null ? reals![a * width + i].CompareTo(reals[b * width + i]) : values[a * width + i].CompareTo(values[b * width + i]);
                if (order != 0) return order;
            }
            return 0;
        }
        var order = Enumerable.Range(0, count).Order(Comparer<int>.Create((a, b) => Compare(a, b) is var c and not 0 ? c : a.CompareTo(b))).ToArray();
        var groups = new List<List<int>>();
        foreach (var row in order)
        {
            if (groups.Count > 0 && Compare(groups[^1][0], row) == 0) groups[^1].Add(row);
            else groups.Add([row]);
        }
        if (!sorted) groups.Sort((a, b) => a[0].CompareTo(b[0]));
        var inverse = new long[count];
        for (var g = 0; g < groups.Count; g++)
        {
            foreach (var row in groups[g]) inverse[row] = g;
        }
        return ([.. groups.Select(g => (long)g[0])], inverse, [.. groups.Select(g => (long)g.Count)]);
    }
}
