using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of an image classifier with nothing left to choose: every family has its own record.</summary>
public abstract record VisionShape
{
    /// <summary>Family name as in <see cref="VisionCatalog"/>: <c>resnet</c>, <c>vit</c>, ….</summary>
    public abstract string Family { get; }

    /// <summary>Whose parameter names the network has: <c>torchvision</c>, <c>timm</c> or <c>transformers</c>.</summary>
    public abstract string Library { get; }

    /// <summary>Prefix of the last layer, <c>fc</c> or <c>classifier.1</c>: its <c>.weight</c> is [K, D] (or [K, D, 1, 1]) and its <c>.bias</c> [K].</summary>
    public abstract string Head { get; }

    /// <summary>The sizes in one line, without classes and dropout; equal for equal networks.</summary>
    public abstract string Sizes { get; }

    /// <summary>Side of the square input where the network is built for one; null where height and width are free.</summary>
    public virtual int? FixedImageSize => null;

    /// <summary>Classes K, ≥ 1.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Probability of the Dropout nodes where upstream has them, in [0, 1). Default upstream's. Stochastic depth is left out.</summary>
    public double Dropout { get; init; }

    /// <summary>Builds the graph: input <c>pixel_values</c> [B, 3, H, W], output <c>logits</c> [B, K].</summary>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit; lists the first ten missing, misshapen and unexpected ones of each and their counts.</exception>
    public abstract Graph Build(WeightSource weights);

    private protected static string List(IEnumerable<int> sizes) => string.Join('-', sizes.Select(s => s.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
