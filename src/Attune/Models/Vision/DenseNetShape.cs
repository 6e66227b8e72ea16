using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a <see cref="DenseNet"/>.</summary>
/// <param name="Depths">Layers of each dense block.</param>
/// <param name="Growth">Channels that a layer adds.</param>
/// <param name="StemWidth">Channels of the first convolution.</param>
/// <param name="Inner">Channels of a layer's 1×1 convolution.</param>
public sealed record DenseNetShape(IReadOnlyList<int> Depths, int Growth, int StemWidth, int Inner) : VisionShape
{
    /// <inheritdoc/>
    public override string Family => "densenet";

    /// <inheritdoc/>
    public override string Library => "torchvision";

    /// <inheritdoc/>
    public override string Head => "classifier";

    /// <inheritdoc/>
    public override string Sizes => $"depths {List(Depths)}, growth {Growth}, stem {StemWidth}, inner {Inner}";

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => DenseNet.Build(this, weights);
}
