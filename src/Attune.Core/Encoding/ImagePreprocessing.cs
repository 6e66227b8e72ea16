using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Attune.Encoding;

/// <summary>
/// From a decoded picture to the numbers that a network reads: resize, centre crop, channels, (pixel × scale − mean) / std. The model folder keeps it,
/// so that prediction sees what training saw. Semantics are torchvision's <c>Resize</c>, <c>CenterCrop</c>, <c>ToTensor</c> and <c>Normalize</c> on Pillow images.
/// </summary>
public sealed record ImagePreprocessing
{
    /// <summary>The largest height or width that is accepted.</summary>
    public const int LargestSide = 16_384;

    /// <summary>ImageNet's evaluation recipe (torchvision references/classification): shorter side 256, centre crop 224², bilinear, mean and std of ImageNet.</summary>
    public static ImagePreprocessing ImageNet { get; } = new() { Height = 224, Width = 224, ResizeShorterSide = 256 };

    /// <summary>Height H of the network's input, 1 to 16,384.</summary>
    public required int Height { get; init; }

    /// <summary>Width W of the network's input, 1 to 16,384.</summary>
    public required int Width { get; init; }

    /// <summary>Length that the shorter side gets before the crop, the longer one floor(length × longer / shorter); null: see <see cref="ResizeHeight"/>.</summary>
    public int? ResizeShorterSide { get; init; }

    /// <summary>Height to resize to, whatever the proportions, together with <see cref="ResizeWidth"/>; without any resize size the picture is only cropped.</summary>
    public int? ResizeHeight { get; init; }

    /// <summary>Width to resize to, whatever the proportions, together with <see cref="ResizeHeight"/>.</summary>
    public int? ResizeWidth { get; init; }

    /// <summary>How to resize. Default bilinear (torchvision's default).</summary>
    public ImageInterpolation Interpolation { get; init; } = ImageInterpolation.Bilinear;

    /// <summary>Channels and their order. Default rgb.</summary>
    public ImageChannels Channels { get; init; } = ImageChannels.Rgb;

    /// <summary>Factor of each 8-bit value before the mean is taken off, above 0. Default 1/255 (<c>ToTensor</c>).</summary>
    public double Scale { get; init; } = 1.0 / 255;

    /// <summary>Mean per channel, in the order of <see cref="Channels"/>, or one for all. Default 0.485, 0.456, 0.406 (ImageNet, torchvision).</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>Standard deviation per channel, or one for all, each above 0. Default 0.229, 0.224, 0.225 (ImageNet, torchvision).</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>What shows through transparent pixels, <c>#rrggbb</c>. Default white.</summary>
    public string Background { get; init; } = "#ffffff";

    /// <summary>Number of channels C: 3, or 1 for grey.</summary>
    [JsonIgnore]
    public int ChannelCount => Channels == ImageChannels.Grey ? 1 : 3;

    /// <summary>Sizes of one picture as the network reads it, [C, H, W].</summary>
    [JsonIgnore]
    public IReadOnlyList<long> Shape => [ChannelCount, Height, Width];

    /// <summary>Red, green and blue of <see cref="Background"/>.</summary>
    /// <exception cref="FormatException">It is no colour; <see cref="Problems"/> says so before.</exception>
    [JsonIgnore]
    public (byte R, byte G, byte B) BackgroundColor => TryColor(Background, out var color) ? color : throw new FormatException($"'{Background}' is no colour.");

    /// <summary>Everything that is wrong, each a sentence that begins with the property's name; empty when nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[] { ("height", (int?)Height), ("width", Width), ("resizeShorterSide", ResizeShorterSide), ("resizeHeight", ResizeHeight), ("resizeWidth", ResizeWidth) })
        {
            if (value is < 1 or > LargestSide) yield return Invariant($"{name} has to lie between 1 and {LargestSide}; it is {value}");
        }
        if (ResizeHeight is null != ResizeWidth is null) yield return "resizeHeight and resizeWidth go together; one is missing";
        if (ResizeShorterSide is not null && ResizeHeight is not null) yield return "resizeShorterSide excludes resizeHeight and resizeWidth; keep one way";
        if (!Enum.IsDefined(Interpolation)) yield return "interpolation has to be nearest, box, bilinear, bicubic or lanczos";
        if (!Enum.IsDefined(Channels)) yield return "channels has to be rgb, bgr or grey";
        if (!(Scale > 0 && double.IsFinite(Scale))) yield return Invariant($"scale has to be a number above 0; it is {Scale}");
        foreach (var (name, values) in new[] { ("mean", Mean), ("std", Std) })
        {
            if (values.Count != 1 && values.Count != ChannelCount) yield return Invariant($"{name} has {values.Count} values for {ChannelCount} channel{(ChannelCount == 1 ? "" : "s")}");
            else if (!values.All(double.IsFinite)) yield return $"{name} has to hold finite numbers";
        }
        if (Std.Any(s => !(s > 0))) yield return "std has to be above 0 in every channel";
        if (!TryColor(Background, out _)) yield return $"background has to be a colour as #rrggbb; it is '{Background}'";
    }

    /// <summary>JSON; every double keeps its bits.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ImagePreprocessingJson.Readable.ImagePreprocessing);

    /// <summary>Reads and checks JSON; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="DataFormatException">It is no valid preprocessing; names the property.</exception>
    public static ImagePreprocessing FromJson(string json, string file)
    {
        ImagePreprocessing read;
        try
        {
            read = JsonSerializer.Deserialize(json, ImagePreprocessingJson.Readable.ImagePreprocessing) ?? throw new JsonException("The section holds null.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException(file, e.LineNumber + 1, null, $"This is no valid image preprocessing, at property {e.Path ?? "$"}: {e.Message} Copy the model folder anew.", e);
        }
        return read.Problems().FirstOrDefault() is { } problem
            ? throw new DataFormatException(file, null, null, $"This is no valid image preprocessing: {problem}. Copy the model folder anew, or train again.")
            : read;
    }

    /// <summary>Height and width that a picture is resized to before the crop.</summary>
    /// <param name="height">Height of the picture.</param>
    /// <param name="width">Width of the picture.</param>
    public (int Height, int Width) ResizedSize(int height, int width)
    {
        if (ResizeHeight is { } h && ResizeWidth is { } w) return (h, w);
        if (ResizeShorterSide is not { } shorter) return (height, width);
        // int(size * long / short) of Python: the product is exact, the quotient a double.
        return width <= height
            ? ((int)((double)((long)shorter * height) / width), shorter)
            : (shorter, (int)((double)((long)shorter * width) / height));
    }

    /// <summary>Two preprocessings are equal when every value is, list entries included.</summary>
    public bool Equals(ImagePreprocessing? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, ResizeShorterSide, Interpolation, Channels);

    private static bool TryColor(string? text, out (byte R, byte G, byte B) color)
    {
        color = default;
        if (text is not { Length: 7 } || text[0] != '#' || !uint.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        color = ((byte)(value >> 16), (byte)(value >> 8), (byte)value);
        return true;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads and writes <see cref="ImagePreprocessing"/> without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ImagePreprocessing))]
internal sealed partial class ImagePreprocessingJson : JsonSerializerContext
{
    public static ImagePreprocessingJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
