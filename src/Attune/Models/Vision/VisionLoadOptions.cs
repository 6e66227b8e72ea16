namespace Attune.Models.Vision;

/// <summary>What a checkpoint's names and sizes cannot tell. Everything is optional.</summary>
public sealed record VisionLoadOptions
{
    /// <summary>Architecture name such as <c>resnet50</c>; default the one that <c>config.json</c> or the file's name says. Decides preprocessing and padding, never sizes.</summary>
    public string? Name { get; init; }

    /// <summary>Attention heads of a ViT; default from <c>config.json</c>, else width / 64 (16 for the huge and giant widths 1280, 1408 and 1664).</summary>
    public int? Heads { get; init; }

    /// <summary>ε of a ViT's layer norms; default from <c>config.json</c>, else upstream's (1e-6; 1e-12 for transformers).</summary>
    public double? LayerNormEpsilon { get; init; }

    /// <summary>ε of batch norms; default upstream's for the architecture.</summary>
    public double? BatchNormEpsilon { get; init; }

    /// <summary>Blocks of each stage of a MobileNetV2 that has not the usual 17, where equal widths hide where a stage begins; default: a new width begins one.</summary>
    public IReadOnlyList<int>? Depths { get; init; }

    /// <summary>Side of the square input of networks whose head needs one (VGG); default 224.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>A new number of classes: the head then starts afresh. Default the checkpoint's own.</summary>
    public int? Classes { get; init; }

    /// <summary>Dropout probability; default upstream's for the architecture.</summary>
    public double? Dropout { get; init; }

    /// <summary>Seed of a fresh head. Default 0.</summary>
    public ulong Seed { get; init; }
}
