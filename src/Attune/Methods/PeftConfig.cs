using System.Text.Json;
using System.Text.Json.Nodes;

namespace Attune.Methods;

/// <summary>
/// The <c>adapter_config.json</c> of PEFT for LoRA (with rank-stabilised scale and weight decomposition), IA3, prompt tuning and prefix tuning. Fields that do not change the mathematics are kept as they came; known ones that ask for
/// something else, and unknown ones that are not empty, are refused by name.
/// </summary>
public sealed record PeftConfig
{
    private const long MaxFile = 16 << 20;

    // Bookkeeping, and settings of starting weights, which the file's own replace.
    private static readonly HashSet<string> _harmless = new(StringComparer.Ordinal)
    {
        "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "fan_in_fan_out", "inference_mode", "init_ia3_weights", "loftq_config", "megatron_core", "peft_type", "peft_version", "revision",
        "runtime_config", "task_type",
    };

    // How learned tokens start, and sizes that the base and the tensor say.
    private static readonly HashSet<string> _ofVirtualTokens = new(StringComparer.Ordinal)
    {
        "encoder_dropout", "encoder_hidden_size", "encoder_num_layers", "encoder_reparameterization_type", "num_attention_heads", "num_layers", "prefix_projection", "prompt_tuning_init", "prompt_tuning_init_text", "token_dim",
        "tokenizer_kwargs", "tokenizer_name_or_path",
    };

    private readonly string _path;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    private PeftConfig(string path, JsonElement root)
    {
        (_path, Json) = (path, JsonObject.Create(root.Clone())!);
        Kind = Text(root, "peft_type", "") switch
        {
            "LORA" => PeftKind.Lora,
            "IA3" => PeftKind.Ia3,
            "PREFIX_TUNING" => PeftKind.PrefixTuning,
            "PROMPT_TUNING" or "P_TUNING" => PeftKind.PromptTuning,   // both files hold the tokens' final vectors
            var other => throw Refuse($"'peft_type' is '{other}'; LORA, IA3, PROMPT_TUNING, P_TUNING and PREFIX_TUNING are read"),
        };
        (Targets, TargetIsPattern) = Names(root, "target_modules");
        (Exclude, ExcludeIsPattern) = Names(root, "exclude_modules");
        (ModulesToSave, _) = Names(root, "modules_to_save");
        if (Kind == PeftKind.Ia3) (FeedForward, FeedForwardIsPattern) = Names(root, "feedforward_modules");
        else if (Kind == PeftKind.Lora) ReadLora(root);
        else VirtualTokens = ReadVirtualTokens(root);
        foreach (var field in root.EnumerateObject().Where(f => !_read.Contains(f.Name) && !_harmless.Contains(f.Name) && !(IsVirtual && _ofVirtualTokens.Contains(f.Name)) && !IsEmpty(f.Value)))
            throw Refuse($"'{field.Name}' is {Show(field.Value)}, which is not known here and may change what the adapter computes. If it changes nothing, take it out of the file");
    }

    /// <summary>The file's fields, as they came.</summary>
    public JsonObject Json { get; }

    /// <summary>What the adapter adds.</summary>
    public PeftKind Kind { get; }

    /// <summary>Learned tokens, or keys and values, in front of each text; 0 for adapters beside weights.</summary>
    public int VirtualTokens { get; }

    /// <summary>True when learned tokens, or keys and values, stand in front of each text.</summary>
    internal bool IsVirtual => Kind is PeftKind.PromptTuning or PeftKind.PrefixTuning;

    /// <summary>The method that trains the adapter on.</summary>
    internal string Method => Kind switch { PeftKind.Ia3 => "ia3", PeftKind.PrefixTuning => "prefix-tuning", PeftKind.PromptTuning => "prompt-tuning", _ => "lora" };

    /// <summary>r of modules without a pattern.</summary>
    public int Rank { get; private set; } = 8;

    /// <summary>α of modules without a pattern.</summary>
    public double Alpha { get; private set; } = 8;

    /// <summary>True when updates are scaled by α/√r instead of α/r.</summary>
    public bool RankStabilized { get; private set; }

    /// <summary>True when weights are decomposed into directions and magnitudes (DoRA).</summary>
    public bool Decomposes { get; private set; }

    /// <summary>Share of an adapter's inputs that training drops.</summary>
    public double Dropout { get; private set; }

    /// <summary>True when biases of the base train and stand in the file.</summary>
    public bool HasBiases { get; private set; }

    /// <summary>What PEFT calls the task, as <c>SEQ_CLS</c>; null when it says nothing.</summary>
    public string? TaskType => Text(Json, "task_type");

    /// <summary>The base as the file names it: a repository of the hub, or a path; null when it says nothing.</summary>
    public string? BaseModel => Text(Json, "base_model_name_or_path");

    /// <summary>Names of modules that the file holds whole.</summary>
    public IReadOnlyList<string> ModulesToSave { get; }

    internal IReadOnlyList<string> Targets { get; }

    internal bool TargetIsPattern { get; }

    internal IReadOnlyList<string> Exclude { get; }

    internal bool ExcludeIsPattern { get; }

    internal IReadOnlyList<string> FeedForward { get; } = [];

    internal bool FeedForwardIsPattern { get; }

    internal IReadOnlyList<int> Layers { get; private set; } = [];

    internal IReadOnlyList<string> LayersPattern { get; private set; } = [];

    internal IReadOnlyList<KeyValuePair<string, double>> RankPatterns { get; private set; } = [];

    internal IReadOnlyList<KeyValuePair<string, double>> AlphaPatterns { get; private set; } = [];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The <c>adapter_config.json</c>.</param>
    /// <exception cref="DataFormatException">It is missing or not valid, or a field asks for something that is not built or not known.</exception>
    public static PeftConfig Read(string path)
    {
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "There is no such file; an adapter of PEFT is a folder with adapter_config.json and adapter_model.safetensors.");
        if (new FileInfo(path).Length > MaxFile) throw new DataFormatException(path, null, null, $"The file is larger than {MaxFile} bytes; an adapter's configuration was expected.");
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Reads a configuration's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">Where it comes from, for messages.</param>
    /// <exception cref="DataFormatException">It is not valid, or a field asks for something that is not built or not known.</exception>
    public static PeftConfig Parse(string json, string path = "adapter_config.json")
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new DataFormatException(path, null, null, "The file holds no JSON object; an adapter's configuration was expected.");
            return new PeftConfig(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw new DataFormatException(path, e.LineNumber + 1, null, $"The file is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>r of a module.</summary>
    public int RankOf(string module) => (int)(PeftTargets.Pattern(this, RankPatterns, module) ?? Rank);

    /// <summary>s of a module: α/r, or α/√r.</summary>
    public double ScaleOf(string module)
    {
        var (rank, alpha) = (RankOf(module), PeftTargets.Pattern(this, AlphaPatterns, module) ?? Alpha);
        return RankStabilized ? alpha / Math.Sqrt(rank) : alpha / rank;
    }

    internal DataFormatException Refuse(string problem) => new(_path, null, null, problem + ".");

    private int ReadVirtualTokens(JsonElement root)
    {
        if (Number(root, "num_transformer_submodules", 1, 1, 2, whole: true) != 1) throw Refuse("'num_transformer_submodules' is 2, as networks with a decoder beside their encoder have; 1 is built");
        return (int)Number(root, "num_virtual_tokens", 0, 1, 1 << 16, whole: true) is > 0 and var count ? count : throw Refuse("'num_virtual_tokens' is missing");
    }

    private void ReadLora(JsonElement root)
    {
        Rank = (int)Number(root, "r", 8, 1, 1 << 20, whole: true);
        Alpha = Number(root, "lora_alpha", 8, double.MinValue, double.MaxValue);
        Dropout = Number(root, "lora_dropout", 0, 0, 1);
        RankStabilized = Flag(root, "use_rslora");
        Decomposes = Flag(root, "use_dora");
        HasBiases = Text(root, "bias", "none") switch { "none" => false, "all" or "lora_only" => true, var other => throw Refuse($"'bias' is '{other}'; none, all and lora_only are known") };
        if (Find(root, "layers_to_transform") is { } layers) Layers = layers.ValueKind == JsonValueKind.Array ? [.. layers.EnumerateArray().Select(l => Index(l))] : [Index(layers)];
        (LayersPattern, _) = Names(root, "layers_pattern");
        (RankPatterns, AlphaPatterns) = (Patterns(root, "rank_pattern", whole: true), Patterns(root, "alpha_pattern", whole: false));
        // These starts change the base's weights, too; PEFT does so again when it loads the adapter.
        if (Find(root, "init_lora_weights") is { ValueKind: JsonValueKind.String } start && start.GetString() is not ("gaussian" or "eva" or "orthogonal"))
            throw Refuse($"'init_lora_weights' is {Show(start)}, which changes the weights of the base besides. Convert the adapter with PEFT (path_initial_model_for_weight_conversion) and load that one");
    }

    private static string? Text(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private JsonElement? Find(JsonElement root, string name)
    {
        _read.Add(name);
        return root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private int Index(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var index) && index >= 0 ? index : throw Refuse($"'layers_to_transform' holds {Show(value)}; whole numbers from 0 were expected");

    private string Text(JsonElement root, string name, string fallback)
        => Find(root, name) is not { } value ? fallback : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refuse($"'{name}' is {Show(value)}; a text was expected");

    private bool Flag(JsonElement root, string name)
        => Find(root, name) is { } value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Refuse($"'{name}' is {Show(value)}; true or false was expected"));

    private double Number(JsonElement root, string name, double fallback, double least, double most, bool whole = false)
        => Find(root, name) is not { } value ? fallback : NumberOf(value, name, least, most, whole);

    private double NumberOf(JsonElement value, string name, double least, double most, bool whole)
        => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most && (!whole || number == Math.Floor(number)) ? number
            : throw Refuse($"'{name}' is {Show(value)}; a {(whole ? "whole number of 1 or more" : "number")} was expected");

    private IReadOnlyList<KeyValuePair<string, double>> Patterns(JsonElement root, string name, bool whole)
    {
        if (Find(root, name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Object) throw Refuse($"'{name}' is {Show(value)}; numbers by module name were expected");
        return [.. value.EnumerateObject().Select(e => new KeyValuePair<string, double>(e.Name, NumberOf(e.Value, $"{name}.{e.Name}", whole ? 1 : double.MinValue, whole ? 1 << 20 : double.MaxValue, whole)))];
    }

    private (IReadOnlyList<string> Names, bool IsPattern) Names(JsonElement root, string name)
    {
        if (Find(root, name) is not { } value) return ([], false);
        if (value.ValueKind == JsonValueKind.String) return ([value.GetString()!], true);
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String)) throw Refuse($"'{name}' is {Show(value)}; a list of names was expected");
        return ([.. value.EnumerateArray().Select(v => v.GetString()!)], false);
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
