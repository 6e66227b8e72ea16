using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Indices [row, class, box] of the boxes with the highest scores that overlap no chosen one too much, class by class.</summary>
internal sealed class NonMaxSuppression : TorchOperator
{
    public override string Name => "NonMaxSuppression";

    public override TorchKernel Compile(TorchNode node)
    {
        var (boxes, scores, overlap, least) = (node.Slot(0), node.Slot(1), node.Slot(3), node.Slot(4));
        var most = node.IntegersAtRun(2);
        var centred = node.Attributes.Int("center_point_box") != 0;
        return TorchKernels.Scoped(frame =>
        {
            var (rows, classes, count) = (frame[scores].size(0), frame[scores].size(1), frame[scores].size(2));
            var (corners, values) = (Corners(Numbers(frame[boxes])!, centred), Numbers(frame[scores])!);
            var (threshold, floor) = (Numbers(frame.Optional(overlap))?[0] ?? 0, Numbers(frame.Optional(least))?[0] ?? double.NegativeInfinity);
            var limit = most?.Invoke(frame)[0] ?? 0;
            var result = new List<long>();
            for (var row = 0L; row < rows; row++)
            {
                for (var c = 0L; c < classes; c++)
                {
                    var own = values.AsSpan((int)((row * classes + c) * count), (int)count);
                    foreach (var box in Chosen(corners.AsSpan((int)(row * count * 4), (int)count * 4), own, limit, threshold, floor)) result.AddRange([row, c, box]);
                }
            }
            return TorchTensors.Integers([.. result]).reshape(-1, 3).to(frame.Device);
        });
    }

    private static double[]? Numbers(torch.Tensor? value) => value?.As(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    // To y1, x1, y2, x2 in ascending order.
    private static double[] Corners(double[] boxes, bool centred)
    {
        for (var i = 0; i < boxes.Length; i += 4)
        {
            var (a, b, c, d) = (boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]);
            if (centred) (boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]) = (b - d / 2, a - c / 2, b + d / 2, a + c / 2);
            else (boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]) = (Math.Min(a, c), Math.Min(b, d), Math.Max(a, c), Math.Max(b, d));
        }
        return boxes;
    }

    private static List<int> Chosen(ReadOnlySpan<double> boxes, ReadOnlySpan<double> scores, long limit, double threshold, double least)
    {
        var values = scores.ToArray();
        var chosen = new List<int>();
        foreach (var candidate in Enumerable.Range(0, values.Length).Where(i => values[i] > least).OrderByDescending(i => values[i]))
        {
            if (chosen.Count >= limit) break;
            var isFree = true;
            foreach (var other in chosen) isFree &= Overlap(boxes.Slice(4 * candidate, 4), boxes.Slice(4 * other, 4)) <= threshold;
            if (isFree) chosen.Add(candidate);
        }
        return chosen;
    }

    // Intersection over union.
    private static double Overlap(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (height, width) = (Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]), Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        if (height <= 0 || width <= 0) return 0;
        var (first, second) = ((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]));
        return first <= 0 || second <= 0 ? 0 : height * width / (first + second - height * width);
    }
}
