using System.Text.Json.Serialization;

namespace Attune.Options;

/// <summary>Kebab-case JSON of the options tree, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunOptions))]
internal sealed partial class OptionsJson : JsonSerializerContext;
