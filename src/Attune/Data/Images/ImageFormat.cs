namespace Attune.Data.Images;

/// <summary>Picture formats that are read.</summary>
internal enum ImageFormat
{
    /// <summary>JPEG, baseline or progressive.</summary>
    Jpeg,

    /// <summary>Portable Network Graphics.</summary>
    Png,

    /// <summary>GIF; its first frame.</summary>
    Gif,

    /// <summary>WebP, lossy or lossless; its first frame.</summary>
    Webp,

    /// <summary>Windows bitmap.</summary>
    Bmp,
}
