using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Encoding;

namespace Attune.Cli.Inspection;

/// <summary>What <c>attune inspect</c> found, for programs and for people.</summary>
/// <param name="Json">Everything, unshortened.</param>
/// <param name="Lines">A page of text; long lists are shortened.</param>
internal sealed record Inspected(JsonObject Json, IReadOnlyList<string> Lines)
{
    /// <summary>Culture-free text.</summary>
    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Sizes as a JSON array.</summary>
    public static JsonArray Sizes(IEnumerable<long> sizes) => new([.. sizes.Select(s => JsonValue.Create(s))]);

    /// <summary>Words as a JSON array.</summary>
    public static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(w => JsonValue.Create(w))]);

    /// <summary>The first few of a list, one a line, and how many more there are.</summary>
    public static IEnumerable<string> Some(IReadOnlyCollection<string> lines, int most)
        => lines.Count <= most ? lines : lines.Take(most).Append(Invariant($"  and {lines.Count - most:N0} more (--json lists all)"));

    /// <summary>Preprocessing in one line: <c>shorter side 256, centre 224 × 224, bilinear, rgb, mean 0.485 …</c>.</summary>
    public static string Describe(ImagePreprocessing images)
    {
        var resize = images.ResizeShorterSide is { } side ? Invariant($"shorter side {side}, centre ") : images.ResizeHeight is not null ? "whole picture to " : "centre ";
        return Invariant($"{resize}{images.Height} × {images.Width}, {images.Interpolation.ToString().ToLowerInvariant()}, {images.Channels.ToString().ToLowerInvariant()}, mean {Numbers(images.Mean)}, std {Numbers(images.Std)}, background {images.Background}");
    }

    /// <summary>The same for programs.</summary>
    public static JsonObject Preprocessing(ImagePreprocessing images) => new()
    {
        ["height"] = images.Height,
        ["width"] = images.Width,
        ["resizeShorterSide"] = images.ResizeShorterSide,
        ["interpolation"] = images.Interpolation.ToString().ToLowerInvariant(),
        ["channels"] = images.Channels.ToString().ToLowerInvariant(),
        ["mean"] = new JsonArray([.. images.Mean.Select(m => JsonValue.Create(m))]),
        ["std"] = new JsonArray([.. images.Std.Select(s => JsonValue.Create(s))]),
        ["background"] = images.Background,
    };

    private static string Numbers(IReadOnlyList<double> values) => string.Join(' ', values.Select(v => v.ToString("0.######", CultureInfo.InvariantCulture)));
}
