using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Puts trained low-rank updates into the weights that they adapt: W + s·B·A, its rows brought to the magnitudes where there are any; in double, rounded once to the weight's type.</summary>
internal static class LoraMerge
{
    /// <summary>The plain graph with the trained weights, and the largest rounding error of a merged value.</summary>
    public static (Graph Graph, double Rounding) Run(Graph original, IReadOnlyList<LoraAdapter> adapters, Graph trained)
    {
        var weights = new WeightStore(original.Weights.All.Select(w => trained.Weights.TryGet(w.Name, out var now) ? w with { Value = now.Value } : w));
        var nodes = original.Nodes.ToList();
        var names = HeadReplacement.NamesOf(original);
        double rounding = 0;
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var adapter in adapters)
        {
            if (!adapter.IsShared && !done.Add(adapter.A)) continue;   // one adapter beside several uses of one weight
            var weight = trained.Weights[adapter.Weight];
            var merged = Add(weight.Value, trained.Weights[adapter.A].Value, trained.Weights[adapter.B].Value, adapter.Magnitude is { } m ? trained.Weights[m].Value : null, adapter, ref rounding);
            if (!adapter.IsShared)
            {
                weights.Replace(weights[adapter.Weight] with { Value = merged });
                continue;
            }
            var own = HeadReplacement.Unique(names, adapter.Consumer + ".weight");
            weights.Add(own, adapter.OutputsFirst == MatrixOrientation.AsSeen(adapter.Use) ? merged : Transposed(merged));
            var at = nodes.FindIndex(n => n.Name == adapter.Consumer);
            nodes[at] = nodes[at] with { Inputs = [.. nodes[at].Inputs.Select((n, i) => i == adapter.Use.Slot ? own : n)] };
        }
        return (GraphPruning.Run(original with { Nodes = nodes, Weights = weights }), rounding);
    }

    private static Tensor Add(Tensor weight, Tensor a, Tensor b, Tensor? magnitude, LoraAdapter adapter, ref double rounding)
    {
        var wide = weight.ToFloating(DataType.Double);
        var sum = new Tensor(DataType.Double, weight.Sizes, TensorBuffer.Allocate(weight.Count * sizeof(double)));
        ReadOnlySpan<double> w = wide.Data.Span<double>(), left = b.ToFloating(DataType.Double).Data.Span<double>(), right = a.ToFloating(DataType.Double).Data.Span<double>();
        var target = sum.Data.Span<double>();
        int inputs = (int)adapter.Inputs, outputs = (int)adapter.Outputs, ranks = adapter.Rank / adapter.Groups;
        var magnitudes = magnitude is null ? default : (ReadOnlySpan<double>)magnitude.ToFloating(DataType.Double).Data.Span<double>();
        var row = new double[inputs];
        for (var o = 0; o < outputs; o++)
        {
            // ΔW[o, :] = s·Σₖ B[o, k]·A[k, :], with the k of o's group
            Array.Clear(row);
            var first = o / (outputs / adapter.Groups) * ranks;
            for (var k = 0; k < ranks; k++)
            {
                var share = adapter.Scale * left[o * ranks + k];
                for (var i = 0; i < inputs; i++) row[i] += share * right[(first + k) * inputs + i];
            }
            double norm = 0;
            for (var i = 0; i < inputs; i++)
            {
                row[i] += w[At(o, i)];
                norm += row[i] * row[i];
            }
            var factor = magnitude is null ? 1 : magnitudes[o] / Math.Sqrt(norm);
            for (var i = 0; i < inputs; i++) target[At(o, i)] = factor * row[i];
        }
        var merged = sum.ToFloating(weight.Type);
        var kept = merged.ToFloating(DataType.Double).Data.Span<double>();
        for (var i = 0; i < kept.Length; i++) rounding = Math.Max(rounding, Math.Abs(kept[i] - target[i]));
        return merged;

        int At(int o, int i) => adapter.OutputsFirst ? o * inputs + i : i * outputs + o;
    }

    private static Tensor Transposed(Tensor matrix)
    {
        var (rows, columns, size) = ((int)matrix.Sizes[0], (int)matrix.Sizes[1], matrix.Type.Bits() / 8);
        var result = new Tensor(matrix.Type, [columns, rows], TensorBuffer.Allocate(matrix.Data.ByteLength));
        var from = matrix.Data.Span<byte>();
        var to = result.Data.Span<byte>();
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++) from.Slice((r * columns + c) * size, size).CopyTo(to[((c * rows + r) * size)..]);
        }
        return result;
    }
}
