using System.Text.Json;
using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>The modules of a sentence-transformers folder (<c>modules.json</c>): encoder, pooling, dense layers, normalisation, in this order.</summary>
internal sealed record SentenceModules
{
    private const string Namespace = "sentence_transformers.models.";

    // Names of the six modes in 1_Pooling/config.json.
    private static readonly (string Key, PoolingMode Mode)[] _modes =
    [
        ("pooling_mode_cls_token", PoolingMode.Cls), ("pooling_mode_max_tokens", PoolingMode.Max), ("pooling_mode_mean_tokens", PoolingMode.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", PoolingMode.MeanSquareRoot), ("pooling_mode_weightedmean_tokens", PoolingMode.WeightedMean), ("pooling_mode_lasttoken", PoolingMode.LastToken),
    ];

    /// <summary>Folder of the encoder.</summary>
    public required string Encoder { get; init; }

    /// <summary>Pooling.</summary>
    public IReadOnlyList<PoolingMode> Pooling { get; init; } = [PoolingMode.Mean];

    /// <summary>Layers after pooling.</summary>
    public IReadOnlyList<SentenceDense> Dense { get; init; } = [];

    /// <summary>Embeddings are divided by their norm.</summary>
    public bool Normalizes { get; init; }

    /// <summary>The folder's longest text in tokens (<c>sentence_bert_config.json</c>); null when it does not say.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The files beside the encoder's that were read, relative to the folder.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Reads a folder; one without <c>modules.json</c> is an encoder alone.</summary>
    /// <exception cref="DataFormatException">A file is not valid, or a module is not known.</exception>
    public static SentenceModules Read(string folder)
    {
        var path = Path.Combine(folder, "modules.json");
        if (!File.Exists(path)) return new SentenceModules { Encoder = folder };
        var found = new SentenceModules { Encoder = folder, Files = ["modules.json"] };
        using var document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw new DataFormatException(path, null, null, "A list of modules was expected.");
        foreach (var module in document.RootElement.EnumerateArray())
        {
            var type = Text(module, "type", path);
            var place = Text(module, "path", path);
            if (place.Split('/', '\\').Contains("..") || Path.IsPathRooted(place)) throw new DataFormatException(path, null, null, $"The module '{type}' lies at '{place}', outside of the folder.");
            found = found.With(folder, place, type, path);
        }
        return found with { MaxTokens = MaxTokensOf(found.Encoder) };
    }

    /// <summary>Writes <c>1_Pooling/config.json</c>'s text.</summary>
    public static string PoolingConfig(int width, IReadOnlyList<PoolingMode> modes)
        => $"{{\n  \"word_embedding_dimension\": {width.ToString(System.Globalization.CultureInfo.InvariantCulture)},\n" + string.Concat(_modes.Select(m => $"  \"{m.Key}\": {(modes.Contains(m.Mode) ? "true" : "false")},\n")) + "  \"include_prompt\": true\n}\n";

    private SentenceModules With(string folder, string place, string type, string path)
    {
        var kind = type.StartsWith(Namespace, StringComparison.Ordinal) ? type[Namespace.Length..] : type;
        kind = kind[(kind.LastIndexOf('.') + 1)..];
        var here = place.Length == 0 ? folder : Path.Combine(folder, place);
        switch (kind)
        {
            case "Transformer":
                return this with { Encoder = here };
            case "Normalize":
                return this with { Normalizes = true };
            case "Pooling" when !Normalizes && Dense.Count == 0:
                return this with { Pooling = PoolingOf(Path.Combine(here, "config.json")), Files = [.. Files, place + "/config.json"] };
            case "Dense" when !Normalizes:
                var dense = SentenceDense.Read(here, place);
                return this with { Dense = [.. Dense, dense], Files = [.. Files, place + "/config.json"] };
            default:
                throw new DataFormatException(path, null, null, $"The module '{type}' is not built, or not in this place; an encoder followed by Pooling, Dense and Normalize is.");
        }
    }

    private static List<PoolingMode> PoolingOf(string path)
    {
        using var document = Parse(path);
        var modes = new List<PoolingMode>();
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new DataFormatException(path, null, null, "A JSON object was expected.");
        foreach (var entry in document.RootElement.EnumerateObject())
        {
            if (entry.Name is "word_embedding_dimension" or "include_prompt") continue;
            var known = _modes.Where(m => m.Key == entry.Name).ToList();
            if (known.Count == 0) throw new DataFormatException(path, null, null, $"'{entry.Name}' is not known; the modes are {string.Join(", ", _modes.Select(m => m.Key))}.");
            if (entry.Value.ValueKind == JsonValueKind.True) modes.Add(known[0].Mode);
        }
        if (modes.Count == 0) throw new DataFormatException(path, null, null, "No pooling mode is true; one at least was expected.");
        modes.Sort();
        return modes;
    }

    private static int? MaxTokensOf(string encoder)
    {
        var path = Path.Combine(encoder, "sentence_bert_config.json");
        if (!File.Exists(path)) return null;
        using var document = Parse(path);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("max_seq_length", out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetInt32(out var tokens) && tokens > 0 ? tokens : null;
    }

    internal static JsonDocument Parse(string path)
    {
        const long MaxFile = 1 << 20;
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "modules.json asks for this file, which is not there.");
        if (new FileInfo(path).Length > MaxFile) throw new DataFormatException(path, null, null, $"The file is larger than {MaxFile} bytes.");
        try { return JsonDocument.Parse(File.ReadAllBytes(path)); }
        catch (JsonException e) { throw new DataFormatException(path, e.LineNumber + 1, null, $"The file is not valid JSON: {e.Message}", e); }
    }

    private static string Text(JsonElement module, string name, string path)
        => module.ValueKind == JsonValueKind.Object && module.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!
            : throw new DataFormatException(path, null, null, $"A module has no '{name}'.");
}

/// <summary>A dense layer after pooling: activation(x·Wᵀ + b).</summary>
/// <param name="Place">Its folder, relative; in front of its names in the graph.</param>
/// <param name="From">Width in.</param>
/// <param name="To">Width out.</param>
/// <param name="Bias">True with a bias.</param>
/// <param name="Activation">By upstream's name.</param>
/// <param name="Weights">Its weights under the graph's names.</param>
internal sealed record SentenceDense(string Place, int From, int To, bool Bias, string Activation, WeightStore Weights)
{
    /// <summary>Reads a layer's folder.</summary>
    public static SentenceDense Read(string folder, string place)
    {
        var path = Path.Combine(folder, "config.json");
        using var document = SentenceModules.Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new DataFormatException(path, null, null, "A JSON object was expected.");
        var config = new ConfigReader(document.RootElement, path);
        var (from, to, bias) = (config.Size("in_features", 0), config.Size("out_features", 0), config.Flag("bias", true));
        var function = config.Text("activation_function", "torch.nn.modules.activation.Tanh");
        var activation = function[(function.LastIndexOf('.') + 1)..] switch { "Tanh" => "tanh", "Identity" => "linear", "ReLU" => "relu", "GELU" => "gelu", "SiLU" => "silu", "Sigmoid" => "sigmoid", _ => "" };
        if (activation.Length == 0) config.Refuse($"'activation_function' is '{function}', which is not built");
        if (from == 0 || to == 0) config.Refuse("'in_features' and 'out_features' are needed");
        config.Finish("a Dense module", []);
        var weights = new WeightStore(CheckpointFolder.Read(folder).Weights.All.Select(w => w with { Name = $"{place}.{w.Name}", Aliases = [] }));
        return new SentenceDense(place, from, to, bias, activation, weights);
    }
}
