using System.Globalization;
using System.Text.Json;

namespace Attune.Models.Text;

/// <summary>
/// The settings of a <c>config.json</c>, read by name with upstream's defaults. What was not asked for and is not known to be harmless is refused at the end: a setting that
/// changes the network must not be passed over.
/// </summary>
internal sealed class ConfigReader
{
    private const int MaxSize = 1 << 24;

    // Settings that do not change a network's outputs: names, bookkeeping, generation, and what only other tasks read.
    private static readonly HashSet<string> _harmless = new(StringComparer.Ordinal)
    {
        "_attn_implementation_autoset", "_commit_hash", "_flash_attn_2_enabled", "_name_or_path", "_num_labels", "architectures", "attn_implementation", "bad_words_ids", "begin_suppress_tokens",
        "bos_token_id", "chunk_size_feed_forward", "cls_token_id", "cross_attention_hidden_size", "decoder_start_token_id", "deterministic_flash_attn", "directionality", "diversity_penalty",
        "do_sample", "down_scale_factor", "dtype", "early_stopping", "encoder_no_repeat_ngram_size", "eos_token_id", "exponential_decay_length_penalty", "finetuning_task",
        "forced_bos_token_id", "forced_eos_token_id", "gap_size", "gradient_checkpointing", "id2label", "initializer_cutoff_factor", "label2id", "language", "layers_to_keep",
        "length_penalty", "mask_token_id", "max_length", "max_window_layers", "min_length", "model_type", "name", "net_structure_type", "no_repeat_ngram_size", "num_beam_groups",
        "num_beams", "num_labels", "num_memory_blocks", "num_return_sequences", "output_attentions", "output_hidden_states", "output_past", "output_scores", "pooler_fc_size",
        "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type", "prefix", "pretraining_tp", "problem_type", "qa_dropout", "reference_compile",
        "remove_invalid_values", "reorder_and_upcast_attn", "repad_logits_with_grad", "repetition_penalty", "return_dict", "return_dict_in_generate", "sentence_transformers", "sep_token_id",
        "sinusoidal_pos_embds", "sparse_pred_ignore_index", "sparse_prediction", "summary_activation", "summary_first_dropout", "summary_last_dropout", "summary_proj_to_labels",
        "summary_type", "summary_use_proj", "suppress_tokens", "task_specific_params", "temperature", "tf_legacy_loss", "tie_encoder_decoder", "tie_weights_", "tokenizer_class",
        "top_k", "top_p", "torch_dtype", "torchscript", "transformers_version", "typical_p", "unpad_inputs", "use_bfloat16", "use_cache",
    };

    private readonly JsonElement _root;
    private readonly string _path;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly SortedDictionary<string, string> _settings = new(StringComparer.Ordinal);

    public ConfigReader(JsonElement root, string path)
    {
        (_root, _path) = (root, path);
        Require("is_decoder", false);
        Require("is_encoder_decoder", false);
        Require("add_cross_attention", false);
        if (Find("pruned_heads") is { ValueKind: JsonValueKind.Object } pruned && pruned.EnumerateObject().Any()) _problems.Add("'pruned_heads' is not empty; networks with pruned heads are not read");
        if (Find("auto_map") is not null) _problems.Add("'auto_map' asks for Python code of the model's own, which never runs here; take a model of a family that transformers itself has");
    }

    /// <summary>What was asked for and decides what the network computes, with defaults filled in; probabilities of dropout and the like are left out.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>A setting of any form that decides what the network computes, or null when it is absent or null.</summary>
    public JsonElement? Deciding(string name)
    {
        var value = Find(name);
        if (value is { } found) _settings[name] = JsonSerializer.Serialize(found);
        return value;
    }

    /// <summary>A setting, or null when it is absent or null.</summary>
    public JsonElement? Find(string name)
    {
        _read.Add(name);
        return _root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A whole number of 1 or more.</summary>
    public int Size(string name, int fallback) => Note(name, Whole(name, 1) ?? fallback);

    /// <summary>A whole number of 0 or more.</summary>
    public int Count(string name, int fallback) => Note(name, Whole(name, 0) ?? fallback);

    /// <summary>A whole number of any sign, or null when it is absent or null.</summary>
    public int? OptionalWhole(string name) => Whole(name, int.MinValue);

    /// <summary>An index: absent is the default, null is none.</summary>
    public int? Index(string name, int? fallback)
    {
        _read.Add(name);
        return Note(name, _root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null ? null : Whole(name, -1) is { } index ? index < 0 ? null : index : fallback);
    }

    /// <summary>A finite real number.</summary>
    public double Number(string name, double fallback) => Note(name, Real(name, fallback));

    /// <summary>A probability in [0, 1).</summary>
    public double Probability(string name, double fallback)
    {
        var p = Real(name, fallback);
        if (p is >= 0 and < 1) return p;
        _problems.Add(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {p}; a probability from 0 to below 1 was expected"));
        return fallback;
    }

    /// <summary>A probability, or null when it is absent or null.</summary>
    public double? OptionalProbability(string name) => Find(name) is null ? null : Probability(name, 0);

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool fallback)
    {
        _settings[name] = fallback ? "true" : "false";
        if (Find(name) is not { } value) return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return Note(name, value.GetBoolean());
        _problems.Add($"'{name}' is {Show(value)}; true or false was expected");
        return fallback;
    }

    /// <summary>A text.</summary>
    public string Text(string name, string fallback)
    {
        if (Find(name) is not { } value) return fallback;
        if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
        _problems.Add($"'{name}' is {Show(value)}; a text was expected");
        return fallback;
    }

    /// <summary>An activation that the layers know.</summary>
    public string Activation(string name, string fallback) => OneOf(name, fallback, TextLayers.Activations);

    /// <summary>One of several texts.</summary>
    public string OneOf(string name, string fallback, IReadOnlyList<string> known)
    {
        var text = Text(name, fallback);
        if (known.Contains(text)) return Note(name, text);
        _problems.Add($"'{name}' is '{text}', which is not known; known: {string.Join(", ", known)}");
        return fallback;
    }

    /// <summary>Refuses any other value of a setting than the given one.</summary>
    public void Require(string name, string only)
    {
        if (Find(name) is { } value && !(value.ValueKind == JsonValueKind.String && value.GetString() == only)) _problems.Add($"'{name}' is {Show(value)}; only '{only}' is built");
    }

    /// <summary>Refuses any other value of a setting than the given one.</summary>
    public void Require(string name, bool only)
    {
        if (Find(name) is { } value && value.ValueKind != (only ? JsonValueKind.True : JsonValueKind.False)) _problems.Add($"'{name}' is {Show(value)}; only {(only ? "true" : "false")} is built");
    }

    /// <summary>Notes a problem.</summary>
    public void Refuse(string problem) => _problems.Add(problem);

    /// <summary>Ends the reading: all problems at once.</summary>
    /// <param name="family">For the message.</param>
    /// <param name="ignored">Unknown settings that may be passed over.</param>
    /// <exception cref="DataFormatException">A setting is of the wrong kind, not built, or unknown.</exception>
    public void Finish(string family, IReadOnlyList<string> ignored)
    {
        var unknown = _root.EnumerateObject().Select(p => p.Name).Where(n => !_read.Contains(n) && !_harmless.Contains(n) && !ignored.Contains(n)).Distinct().ToList();
        if (unknown.Count > 0) _problems.Add($"{unknown.Count} unknown {(unknown.Count == 1 ? "setting" : "settings")} for {family}: {NearestName.Preview(unknown)}; a setting that changes the network must not be passed over. If {(unknown.Count == 1 ? "it changes" : "they change")} nothing, take {(unknown.Count == 1 ? "it" : "them")} out of the file");
        if (_problems.Count > 0) throw new DataFormatException(_path, null, null, string.Join(". ", _problems) + ".");
    }

    private double Real(string name, double fallback)
    {
        if (Find(name) is not { } value) return fallback;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)) return number;
        _problems.Add($"'{name}' is {Show(value)}; a number was expected");
        return fallback;
    }

    private T Note<T>(string name, T value)
    {
        _settings[name] = value switch { bool flag => flag ? "true" : "false", null => "null", _ => string.Create(CultureInfo.InvariantCulture, $"{value}") };
        return value;
    }

    private int? Whole(string name, int least)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= MaxSize) return number;
        _problems.Add($"'{name}' is {Show(value)}; a whole number{(least > int.MinValue ? $" from {Math.Max(least, 0)}" : "")} was expected");
        return null;
    }

    private static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
