using System.Text.Json;
using System.Text.Json.Serialization;
using Attune.Encoding;

namespace Attune.Options;

/// <summary>Kebab-case JSON of the options tree, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    Converters = [typeof(KebabCaseEnum<CategoryEncoding>), typeof(KebabCaseEnum<ImputeStrategy>), typeof(KebabCaseEnum<MissingFlags>), typeof(KebabCaseEnum<NumericScaling>)],
    WriteIndented = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunOptions))]
internal sealed partial class OptionsJson : JsonSerializerContext;

/// <summary>Enums by their kebab-case names; numbers are refused.</summary>
internal sealed class KebabCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;
