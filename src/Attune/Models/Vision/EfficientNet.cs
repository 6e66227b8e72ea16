using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>
/// EfficientNet B0–B7 (Tan and Le 2019, arXiv:1905.11946) and V2 S, M, L (2021, arXiv:2104.00298) under torchvision's names.
/// ε of batch normalisation is 1e-5 up to B4 and 1e-3 from B5 on and in V2, as upstream has it.
/// </summary>
public static class EfficientNet
{
    // fused, expansion, kernel, width, depth; strides as MobileLayers.Strides
    private static readonly (bool Fused, int Expand, int Kernel, int Width, int Depth)[] _first =
        [(false, 1, 3, 16, 1), (false, 6, 3, 24, 2), (false, 6, 5, 40, 2), (false, 6, 3, 80, 3), (false, 6, 5, 112, 3), (false, 6, 5, 192, 4), (false, 6, 3, 320, 1)];

    private static readonly Dictionary<string, (bool Fused, int Expand, int Kernel, int Width, int Depth)[]> _second = new(StringComparer.Ordinal)
    {
        ["s"] = [(true, 1, 3, 24, 2), (true, 4, 3, 48, 4), (true, 4, 3, 64, 4), (false, 4, 3, 128, 6), (false, 6, 3, 160, 9), (false, 6, 3, 256, 15)],
        ["m"] = [(true, 1, 3, 24, 3), (true, 4, 3, 48, 5), (true, 4, 3, 80, 5), (false, 4, 3, 160, 7), (false, 6, 3, 176, 14), (false, 6, 3, 304, 18), (false, 6, 3, 512, 5)],
        ["l"] = [(true, 1, 3, 32, 4), (true, 4, 3, 64, 7), (true, 4, 3, 96, 7), (false, 4, 3, 192, 10), (false, 6, 3, 224, 19), (false, 6, 3, 384, 25), (false, 6, 3, 640, 7)],
    };

    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes, with <see cref="MobileNaming.EfficientNet"/>.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(MobileShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("efficientnet");
        var n = new ImageLayers(g, weights) { Epsilon = shape.Epsilon, LinearStart = s => Start.Uniform(1 / Math.Sqrt(s[0])) };
        x = MobileLayers.ConvNorm(n, x, "features.0", shape.StemWidth, shape.Activation, kernel: 3, stride: 2);
        for (var stage = 0; stage < shape.Stages.Count; stage++)
            for (var i = 0; i < shape.Stages[stage].Count; i++)
                x = MobileLayers.Block(n, x, $"features.{stage + 1}.{i}.block", shape.Stages[stage][i], shape.Activation, hardGate: false);
        x = MobileLayers.ConvNorm(n, x, $"features.{shape.Stages.Count + 1}", shape.HeadWidth, shape.Activation);
        return n.End(n.Linear(n.Dropout(n.Pool(x), shape.Dropout), "classifier.1", shape.Classes));
    }

    /// <summary>V1 sizes: widths times <paramref name="width"/>, rounded to 8, and depths times <paramref name="depth"/>, rounded up.</summary>
    public static MobileShape Standard(double width, double depth, double dropout, float epsilon = 1e-5f)
    {
        int Width(int w) => RegNetShape.MakeDivisible(w * width, 8);
        var shape = FromTable(Width(32), [.. _first.Select(r => r with { Width = Width(r.Width), Depth = (int)Math.Ceiling(r.Depth * depth) })]);
        return shape with { HeadWidth = 4 * shape.Stages[^1][^1].Width, Dropout = dropout, Epsilon = epsilon };
    }

    /// <summary>V2 sizes.</summary>
    /// <param name="size"><c>s</c>, <c>m</c> or <c>l</c>.</param>
    /// <param name="dropout">Upstream's: 0.2, 0.3 and 0.4.</param>
    public static MobileShape Second(string size, double dropout)
        => FromTable(_second[size][0].Width, _second[size]) with { HeadWidth = 1280, Dropout = dropout, Epsilon = 1e-3f };

    private static MobileShape FromTable(int stem, (bool Fused, int Expand, int Kernel, int Width, int Depth)[] table)
    {
        var stages = new List<IReadOnlyList<InvertedBlock>>();
        var width = stem;
        foreach (var (row, stride) in table.Zip(MobileLayers.Strides))
        {
            var blocks = new List<InvertedBlock>();
            for (var i = 0; i < row.Depth; i++)
            {
                var kind = (row.Fused, row.Expand) switch { (true, 1) => InvertedBlockKind.Plain, (true, _) => InvertedBlockKind.Fused, (_, 1) => InvertedBlockKind.Separable, _ => InvertedBlockKind.Inverted };
                var expanded = kind == InvertedBlockKind.Plain ? row.Width : RegNetShape.MakeDivisible(width * row.Expand, 8);
                blocks.Add(new InvertedBlock(kind, row.Kernel, i == 0 ? stride : 1, expanded, row.Width, row.Fused ? 0 : Math.Max(1, width / 4), "silu"));
                width = row.Width;
            }
            stages.Add(blocks);
        }
        return new MobileShape(MobileNaming.EfficientNet, stem, stages, 0, "silu");
    }

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static MobileShape? Detect(CheckpointKeys keys)
    {
        if (!keys.Has("features.1.0.block.0.0.weight") || !keys.Has("classifier.1.weight")) return null;
        var count = keys.Count("features.#.0.block.0.0.weight", first: 1);
        var stages = Enumerable.Range(1, count).Select(stage => (IReadOnlyList<InvertedBlock>)[.. Enumerable.Range(0, keys.Count($"features.{stage}.#.block.0.0.weight"))
            .Select(i => MobileLayers.Detect(keys, $"features.{stage}.{i}.block", i == 0 && stage <= MobileLayers.Strides.Length ? MobileLayers.Strides[stage - 1] : 1, "silu"))]).ToList();

        // B5 is the first with three blocks in its first stage; V2 is the one with fused blocks
        var late = stages[0].Count >= 3 || stages.Any(s => s[0].Kind is InvertedBlockKind.Fused or InvertedBlockKind.Plain);
        return new MobileShape(MobileNaming.EfficientNet, keys.Size("features.0.0.weight"), stages, keys.Size($"features.{count + 1}.0.weight"), "silu")
        {
            Epsilon = (float)(keys.Options.BatchNormEpsilon ?? (late ? 1e-3 : 1e-5)),
            Classes = keys.Size("classifier.1.weight"),
            Dropout = 0.2,
        };
    }
}
