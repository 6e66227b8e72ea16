using System.Text.Json.Serialization;

namespace Attune.Encoding;

/// <summary>How pixels are weighed when an image is resized; all but <see cref="Nearest"/> are antialiased: the filter grows with the reduction.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageInterpolation>))]
public enum ImageInterpolation
{
    /// <summary>The pixel under the centre; no antialiasing. <c>nearest</c></summary>
    [JsonStringEnumMemberName("nearest")]
    Nearest,

    /// <summary>Equal weights over the pixels that an output pixel covers. <c>box</c></summary>
    [JsonStringEnumMemberName("box")]
    Box,

    /// <summary>Triangle filter, support 1. <c>bilinear</c></summary>
    [JsonStringEnumMemberName("bilinear")]
    Bilinear,

    /// <summary>Keys' cubic with a = -0.5, support 2. <c>bicubic</c></summary>
    [JsonStringEnumMemberName("bicubic")]
    Bicubic,

    /// <summary>Windowed sinc, support 3. <c>lanczos</c></summary>
    [JsonStringEnumMemberName("lanczos")]
    Lanczos,
}
