using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a <see cref="RegNet"/>.</summary>
/// <param name="Depths">Blocks of each stage; the first of each halves the image.</param>
/// <param name="Widths">Channels of each stage.</param>
/// <param name="InnerWidths">Channels inside the blocks of each stage.</param>
/// <param name="Groups">Groups of each stage's 3×3 convolutions.</param>
/// <param name="Timm">timm's names instead of torchvision's.</param>
public sealed record RegNetShape(IReadOnlyList<int> Depths, IReadOnlyList<int> Widths, IReadOnlyList<int> InnerWidths, IReadOnlyList<int> Groups, bool Timm) : VisionShape
{
    /// <summary>Channels of the stem. Default 32.</summary>
    public int StemWidth { get; init; } = 32;

    /// <summary>Gates of squeeze-and-excitation (RegNetY): a quarter of the block's input channels, rounded. Default false (RegNetX).</summary>
    public bool Squeeze { get; init; }

    /// <inheritdoc/>
    public override string Family => "regnet";

    /// <inheritdoc/>
    public override string Library => Timm ? "timm" : "torchvision";

    /// <inheritdoc/>
    public override string Head => Timm ? "head.fc" : "fc";

    /// <inheritdoc/>
    public override string Sizes => $"depths {List(Depths)}, widths {List(Widths)}, inner {List(InnerWidths)}, groups {List(Groups)}, stem {StemWidth}{(Squeeze ? ", squeeze" : "")}{(Timm ? ", timm" : "")}";

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => RegNet.Build(this, weights);

    /// <summary>
    /// Sizes by the paper's rule: block j has width w0·wm^round(log(1 + wa·j/w0)/log wm), rounded to 8; blocks of equal width form a stage; widths are made multiples of the group width.
    /// </summary>
    /// <param name="depth">All blocks.</param>
    /// <param name="w0">First width.</param>
    /// <param name="wa">Slope.</param>
    /// <param name="wm">Step between widths.</param>
    /// <param name="groupWidth">Channels of a group.</param>
    /// <param name="squeeze">RegNetY.</param>
    public static RegNetShape ByRule(int depth, int w0, double wa, double wm, int groupWidth, bool squeeze)
    {
        // upstream counts in fp32; the rounding must fall the same way
        var widths = new List<int>();
        for (var j = 0; j < depth; j++)
        {
            var continuous = j * (float)wa + w0;
            var steps = MathF.Round(MathF.Log(continuous / w0) / (float)Math.Log(wm));
            widths.Add((int)(Math.Round(w0 * Math.Pow(wm, steps) / 8) * 8));
        }
        int[] unique = [.. widths.Distinct()];
        int[] depths = [.. unique.Select(u => widths.Count(w => w == u))];
        int[] group = [.. unique.Select(u => Math.Min(groupWidth, u))];
        int[] fitted = [.. unique.Zip(group, MakeDivisible)];
        return new RegNetShape(depths, fitted, fitted, [.. fitted.Zip(group, (w, g) => w / g)], Timm: false) { Squeeze = squeeze };
    }

    /// <summary>The nearest multiple, at least one of it, and not more than a tenth below the number.</summary>
    internal static int MakeDivisible(int value, int divisor) => MakeDivisible((double)value, divisor);

    /// <summary>The nearest multiple, at least one of it, and not more than a tenth below the number.</summary>
    internal static int MakeDivisible(double value, int divisor)
    {
        var nearest = Math.Max(divisor, (int)(value + divisor / 2.0) / divisor * divisor);
        return nearest < 0.9 * value ? nearest + divisor : nearest;
    }
}
