using System.Text.Json.Serialization;

namespace Attune.Encoding;

/// <summary>Which channels of an image a network reads, in which order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageChannels>))]
public enum ImageChannels
{
    /// <summary>Red, green, blue. <c>rgb</c></summary>
    [JsonStringEnumMemberName("rgb")]
    Rgb,

    /// <summary>Blue, green, red, as networks that came from Caffe want it. <c>bgr</c></summary>
    [JsonStringEnumMemberName("bgr")]
    Bgr,

    /// <summary>One channel, luma 0.299 R + 0.587 G + 0.114 B (ITU-R 601-2), in 16-bit fixed point as Pillow computes it. <c>grey</c></summary>
    [JsonStringEnumMemberName("grey")]
    Grey,
}
