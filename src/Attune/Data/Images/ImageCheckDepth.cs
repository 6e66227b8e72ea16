namespace Attune.Data.Images;

/// <summary>How thoroughly pictures are looked at before training.</summary>
public enum ImageCheckDepth
{
    /// <summary>Decoded in full when all of them together have at most <see cref="ImageCheck.FullDecodePixels"/> pixels, else headers and ends. <c>auto</c></summary>
    Auto,

    /// <summary>Format, size and whether the end of the file is there: about 50 µs a picture. <c>headers</c></summary>
    Headers,

    /// <summary>Every pixel is decoded: finds all damage, costs about as much as an epoch of decoding. <c>full</c></summary>
    Full,
}
