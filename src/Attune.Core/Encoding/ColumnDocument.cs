using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Attune.Encoding;

/// <summary>encoder.json as it is written.</summary>
internal sealed record EncoderDocument
{
    public required string Format { get; init; }

    public required int Version { get; init; }

    public required IReadOnlyList<ColumnDocument?> Columns { get; init; }
}

/// <summary>One column of encoder.json; which fields are needed depends on <see cref="Encoder"/>.</summary>
internal sealed record ColumnDocument
{
    public required string Column { get; init; }

    public required string Encoder { get; init; }

    public string? Input { get; init; }

    public double? Fill { get; init; }

    public bool? MissingFlag { get; init; }

    public string? Warp { get; init; }

    public double? Lambda { get; init; }

    public double? Least { get; init; }

    public IReadOnlyList<double>? Quantiles { get; init; }

    public IReadOnlyList<double>? Edges { get; init; }

    public bool? Ordinal { get; init; }

    public double? Center { get; init; }

    public double? Divisor { get; init; }

    public double? Shift { get; init; }

    public double? SmoothClip { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    public IReadOnlyList<string?>? Categories { get; init; }

    public IReadOnlyList<string?>? Infrequent { get; init; }

    public bool? Missing { get; init; }

    public int? EmbeddingWidth { get; init; }
}

/// <summary>Reads and writes <see cref="EncoderDocument"/> without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(EncoderDocument))]
internal sealed partial class EncoderJson : JsonSerializerContext
{
    /// <summary>The context with words left readable (no \u escapes for letters).</summary>
    public static EncoderJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
