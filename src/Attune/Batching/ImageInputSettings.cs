using Attune.Data.Images;
using Attune.Options;

namespace Attune.Batching;

/// <summary>How an <see cref="ImageInput"/> works.</summary>
public sealed record ImageInputSettings
{
    /// <summary>Augmentation of views ≥ 0; null makes every view the plain one. Mixup and CutMix are not done here (<see cref="Augmentation.Mixing"/>).</summary>
    public AugmentationOptions? Augmentation { get; init; }

    /// <summary>Seed of the augmentation. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads that decode ahead, ≥ 1; 0 (default) takes every processor.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes of finished rows that may wait for their turn. Default 256 MB; at least one row always may.</summary>
    public long AheadBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of resized 8-bit pictures that may be kept, so that later epochs need no decoding where nothing is cropped at random; 0 keeps none. Default 512 MB.</summary>
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>Pictures that claim more pixels are refused. Default 89,478,485 (Pillow's MAX_IMAGE_PIXELS).</summary>
    public long MaxPixels { get; init; } = ImageSource.DefaultMaxPixels;

    internal int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
