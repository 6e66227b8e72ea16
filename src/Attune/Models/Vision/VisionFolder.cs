using System.Text.Json;
using Attune.Encoding;

namespace Attune.Models.Vision;

/// <summary>What the files beside a checkpoint say: <c>config.json</c> of timm or Hugging Face, <c>preprocessor_config.json</c>, and the file's own name.</summary>
internal sealed record VisionFolder
{
    private const long MaxConfig = 16 << 20;
    private static readonly string[] _names = ["model.safetensors", "pytorch_model.bin", "open_clip_model.safetensors"];

    /// <summary>Architecture name.</summary>
    public string? Name { get; init; }

    /// <summary>Attention heads.</summary>
    public int? Heads { get; init; }

    /// <summary>ε of layer norms.</summary>
    public double? Epsilon { get; init; }

    /// <summary>timm's <c>global_pool</c>: mean of patches (true) or class token (false).</summary>
    public bool? Average { get; init; }

    /// <summary>Preprocessing; null when no file says it.</summary>
    public ImagePreprocessing? Preprocessing { get; init; }

    /// <summary>Names of the classes by index.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The checkpoint that a path means.</summary>
    /// <exception cref="DataFormatException">A folder without one.</exception>
    public static string FindCheckpoint(string path)
    {
        if (!Directory.Exists(path)) return path;
        return _names.Select(n => Path.Combine(path, n)).FirstOrDefault(File.Exists)
            ?? throw new DataFormatException(path, null, null, $"This folder holds none of {string.Join(", ", _names)}.");
    }

    /// <summary>Reads what stands beside a checkpoint.</summary>
    /// <exception cref="DataFormatException">A configuration file is not valid.</exception>
    public static VisionFolder Read(string checkpoint)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint))!;
        var stem = Path.GetFileNameWithoutExtension(checkpoint);

        // resnet18-f37072fd.pth, vit_b_16-c867db91.pth
        var found = new VisionFolder { Name = stem is "model" or "pytorch_model" ? null : VisionCatalog.Longest(stem) ?? (stem.StartsWith("tf_", StringComparison.Ordinal) ? stem : null) };
        if (Parse(Path.Combine(folder, "config.json")) is { } config)
            using (config) found = found.With(config.RootElement, Path.Combine(folder, "config.json"));
        if (Parse(Path.Combine(folder, "preprocessor_config.json")) is { } preprocessor)
            using (preprocessor) found = found with { Preprocessing = HuggingFace(preprocessor.RootElement) };
        return found;
    }

    private VisionFolder With(JsonElement config, string path)
    {
        try
        {
            var timm = config.TryGetProperty("pretrained_cfg", out var pretrained) && pretrained.ValueKind == JsonValueKind.Object;
            return this with
            {
                Name = Text(config, "architecture") ?? Name,
                Heads = Number(config, "num_attention_heads") is { } heads ? (int)heads : Heads,
                Epsilon = Number(config, "layer_norm_eps") ?? Epsilon,
                Average = Text(config, "global_pool") switch { "avg" => true, "token" => false, _ => null },
                Preprocessing = timm ? Timm(pretrained) : Preprocessing,
                Labels = LabelsOf(config),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            throw new DataFormatException(path, null, null, $"An entry has an unexpected type: {e.Message}", e);
        }
    }

    private static string[] LabelsOf(JsonElement config)
    {
        if (!config.TryGetProperty("id2label", out var map) || map.ValueKind != JsonValueKind.Object)
            return config.TryGetProperty("label_names", out var names) && names.ValueKind == JsonValueKind.Array ? [.. names.EnumerateArray().Select(n => n.GetString() ?? "")] : [];
        var labels = new SortedDictionary<int, string>();
        foreach (var entry in map.EnumerateObject())
        {
            if (int.TryParse(entry.Name, System.Globalization.CultureInfo.InvariantCulture, out var index)) labels[index] = entry.Value.GetString() ?? "";
        }
        return [.. labels.Values];
    }

    private static ImagePreprocessing Timm(JsonElement config)
    {
        var crop = config.TryGetProperty("input_size", out var size) && size.ValueKind == JsonValueKind.Array && size.GetArrayLength() == 3 ? size[2].GetInt32() : 224;
        return VisionPreprocessing.Of(crop, (int)Math.Floor(crop / (Number(config, "crop_pct") ?? 0.875)), Text(config, "interpolation") ?? "bilinear", Text(config, "crop_mode") != "squash", Three(config, "mean"), Three(config, "std"));
    }

    private static ImagePreprocessing HuggingFace(JsonElement config)
    {
        // size: a number, {height, width}, or {shortest_edge}
        var (resize, keep) = (224, false);
        if (config.TryGetProperty("size", out var size))
        {
            if (size.ValueKind == JsonValueKind.Number) resize = size.GetInt32();
            else if (Number(size, "shortest_edge") is { } edge) (resize, keep) = ((int)edge, true);
            else if (Number(size, "height") is { } height) resize = (int)height;
        }
        var cut = config.TryGetProperty("do_center_crop", out var does) && does.ValueKind == JsonValueKind.True;
        var crop = !cut ? resize : !config.TryGetProperty("crop_size", out var given) ? resize : given.ValueKind == JsonValueKind.Number ? given.GetInt32() : (int)(Number(given, "height") ?? resize);
        var normal = !config.TryGetProperty("do_normalize", out var normalize) || normalize.ValueKind != JsonValueKind.False;
        var interpolation = Number(config, "resample") switch { 0 => "nearest", 1 => "lanczos", 3 => "bicubic", 4 => "box", _ => "bilinear" };   // Pillow's numbers
        return VisionPreprocessing.Of(crop, resize, interpolation, keep, normal ? Three(config, "image_mean") ?? [0.5] : [0.0], normal ? Three(config, "image_std") ?? [0.5] : [1.0]);
    }

    private static JsonDocument? Parse(string path)
    {
        if (!File.Exists(path)) return null;
        if (new FileInfo(path).Length > MaxConfig) throw new DataFormatException(path, null, null, $"The file is larger than {MaxConfig} bytes; a model's configuration was expected.");
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            throw new DataFormatException(path, null, null, "The file holds no JSON object; a model's configuration was expected.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException(path, e.LineNumber + 1, null, $"The file is not valid JSON: {e.Message}", e);
        }
    }

    private static string? Text(JsonElement config, string name) => config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement config, string name) => config.ValueKind == JsonValueKind.Object && config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static double[]? Three(JsonElement config, string name)
        => config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 3 ? [.. value.EnumerateArray().Select(v => v.GetDouble())] : null;
}
