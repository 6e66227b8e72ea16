using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// An adapter as PEFT writes it: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. Our own files hold the SHA-256 of the base's weights besides, in the metadata of the second, which PEFT passes over.
/// </summary>
/// <param name="Config">The configuration.</param>
/// <param name="Weights">The tensors under their module's names, PEFT's prefix <c>base_model.model.</c> (<c>base_model.</c> for learned tokens) taken off.</param>
/// <param name="BaseSha256">Of the base's weights that the adapter does not hold whole; null when the file says nothing.</param>
public sealed record PeftAdapter(PeftConfig Config, WeightStore Weights, string? BaseSha256)
{
    /// <summary>Name of the configuration's file.</summary>
    public const string ConfigFile = "adapter_config.json";

    /// <summary>Name of the file of tensors.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    private const string BaseKey = "attune.base_sha256", SettingsKey = "attune.base_settings";

    /// <summary>Settings of the base that decide what it computes (activation, ε, heads, positions), with defaults filled in; null when the file says nothing.</summary>
    public IReadOnlyDictionary<string, string>? BaseSettings { get; init; }

    /// <summary>Reads an adapter's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged, or the configuration asks for something that is not built or not known.</exception>
    public static PeftAdapter Read(string folder)
    {
        var config = PeftConfig.Read(Path.Combine(folder, ConfigFile));
        var path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path) && File.Exists(Path.Combine(folder, "adapter_model.bin")))
            throw new DataFormatException(folder, null, null, "holds adapter_model.bin but no adapter_model.safetensors. Save it with PEFT's safe_serialization=True.");
        var file = SafetensorsReader.Read(path);
        var (weights, prefix) = (new WeightStore(), PrefixOf(config));
        foreach (var weight in file.Weights.All)
        {
            var isBare = config.IsVirtual && weight.Name == StayingAdapters.Prompt;
            if (!isBare && !weight.Name.StartsWith(prefix, StringComparison.Ordinal)) throw new DataFormatException(path, null, null, $"holds '{weight.Name}'; names that begin with {prefix} were expected.");
            if (!weight.Value.Type.IsFloating()) throw new DataFormatException(path, null, null, $"'{weight.Name}' is {weight.Value}; floating numbers were expected.");
            weights.Add(weight with { Name = isBare ? weight.Name : weight.Name[prefix.Length..], Value = weight.Value.ToFloat(), Role = WeightRole.Parameter });
        }
        return new PeftAdapter(config, weights, file.Metadata.GetValueOrDefault(BaseKey)) { BaseSettings = SettingsOf(path, file.Metadata.GetValueOrDefault(SettingsKey)) };
    }

    private static Dictionary<string, string>? SettingsOf(string path, string? json)
    {
        try { return json is null ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(json); }
        catch (JsonException e) { throw new DataFormatException(path, null, null, $"'{SettingsKey}' in its metadata cannot be read: {e.Message} Copy the folder again.", e); }
    }

    /// <summary>Demands that a base computes as the one that the adapter was trained on.</summary>
    /// <param name="folder">The base, for the message.</param>
    /// <param name="settings">Its settings.</param>
    /// <exception cref="WeightsException">A setting differs; names it with both values.</exception>
    internal void DemandSettings(string folder, IReadOnlyDictionary<string, string> settings)
    {
        if (BaseSettings is null) return;
        // A setting that only one side knows comes from another version.
        var other = BaseSettings.Where(s => settings.TryGetValue(s.Key, out var now) && now != s.Value).Select(s => $"{s.Key} was {s.Value} and is {settings[s.Key]}").ToList();
        if (other.Count > 0) throw new WeightsException($"The adapter belongs to another base: {folder} computes something else than the one it was trained on ({string.Join(", ", other.Take(10))}). Load the base that it was trained on.");
    }

    // PEFT wraps a network for adapters beside its weights, and leaves it as it is behind learned tokens.
    private static string PrefixOf(PeftConfig config) => config.IsVirtual ? "base_model." : "base_model.model.";

    /// <summary>Names of the weights that the adapter holds whole.</summary>
    internal IEnumerable<string> WholeNames => Weights.All.Select(w => w.Name).Where(n => PeftTargets.IsSaved(Config, n));

    /// <summary>A base with the modules that the adapter holds whole (a head), and nothing beside them.</summary>
    /// <param name="network">The base.</param>
    internal Graph WithWhole(Graph network)
    {
        var weights = new WeightStore(network.Weights.All);
        foreach (var name in WholeNames)
        {
            if (!network.Weights.TryGet(name, out var old) || !old.Value.Sizes.SequenceEqual(Weights[name].Value.Sizes)) continue;
            var weight = Weights[name];
            weights.Replace(old with { Value = weight.Value.ToFloating(old.Value.Type) });
        }
        return network with { Weights = weights };
    }

    /// <summary>The adapter without the modules that it holds whole: what stands beside a network of <see cref="WithWhole"/>.</summary>
    internal PeftAdapter Additions()
    {
        var fields = (JsonObject)Config.Json.DeepClone();
        fields["modules_to_save"] = null;
        return new PeftAdapter(PeftConfig.Parse(fields.ToJsonString()), new WeightStore(Weights.All.Where(w => !PeftTargets.IsSaved(Config, w.Name))), null);
    }

    /// <summary>The adapter of a network that was tuned with a method.</summary>
    /// <param name="form">What the method added.</param>
    /// <param name="trained">The adapted network with trained weights.</param>
    /// <param name="original">The network before the method; its hash is the base's.</param>
    /// <param name="upstream">The weights that the adapter holds whole, as upstream's network has them; all others may be among them.</param>
    /// <param name="whole">Names of those that trained, and of the head: their modules are held whole.</param>
    /// <param name="baseModel">Repository or folder of the base.</param>
    /// <param name="taskType">What PEFT calls the task; null for none.</param>
    /// <exception cref="OptionsException">A weight that trained is no part of a module.</exception>
    public static PeftAdapter Of(PeftForm form, Graph trained, Graph original, WeightStore upstream, IEnumerable<string> whole, string? baseModel, string? taskType)
    {
        var modules = whole.Select(ModuleOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        // PEFT adds both names to a classifier by itself; a head's parts must not be listed beside it.
        if (taskType is "SEQ_CLS" or "TOKEN_CLS") modules = [.. modules.Where(m => !IsHead(m)), "classifier", "score"];
        var fields = (JsonObject)form.Config.DeepClone();
        fields["base_model_name_or_path"] = baseModel;
        fields["task_type"] = taskType;
        fields["inference_mode"] = true;
        fields["modules_to_save"] = modules.Count == 0 ? null : new JsonArray([.. modules.Select(m => (JsonNode?)m)]);
        fields.TryAdd("auto_mapping", null);
        fields.TryAdd("revision", null);
        var config = PeftConfig.Parse(new JsonObject(fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone()))).ToJsonString());
        var weights = new WeightStore(form.Tensors(trained).Select(w => w with { Aliases = [] }));
        foreach (var weight in upstream.All.Where(w => w.Role == WeightRole.Parameter && PeftTargets.IsSaved(config, w.Name))) weights.Add(weight with { Aliases = [] });
        return new PeftAdapter(config, weights, HashOf(original, weights));
    }

    private static string ModuleOf(string weight)
        => weight.LastIndexOf('.') is > 0 and var dot ? weight[..dot] : throw new OptionsException($"'{weight}' trained and is no part of a named module, as PEFT's files need.");

    private static bool IsHead(string module) => module.Split('.') is [.. , var last] && (last is "classifier" or "score" or "pre_classifier" || module.StartsWith("classifier.", StringComparison.Ordinal));

    /// <summary>Writes both files so that PEFT loads them.</summary>
    /// <param name="folder">The folder; made when it is not there.</param>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (BaseSha256 is { } hash) metadata[BaseKey] = hash;
        if (BaseSettings is { } settings) metadata[SettingsKey] = JsonSerializer.Serialize(new SortedDictionary<string, string>(settings.ToDictionary(), StringComparer.Ordinal));
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), new WeightStore(Weights.All.Select(w => w with { Name = w.Name == StayingAdapters.Prompt ? w.Name : PrefixOf(Config) + w.Name, Aliases = [] })), metadata);
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigFile), Config.Json.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    /// <summary>Puts the adapter beside a base's weights.</summary>
    /// <param name="network">The base, with the weight names that the adapter was trained on.</param>
    /// <exception cref="WeightsException">The base is another one, or names and shapes do not fit; lists the first ten.</exception>
    /// <exception cref="DataFormatException">A pattern of the configuration cannot be used.</exception>
    public AdaptedNetwork Attach(Graph network)
    {
        var hash = HashOf(network, Weights);
        if (BaseSha256 is { } expected && expected != hash)
            throw new WeightsException($"The adapter belongs to another base: it was trained on weights with SHA-256 {expected[..12]}…, these have {hash[..12]}…. Load the base that it was trained on.");
        return new PeftAttachment(this, network).Run();
    }

    /// <summary>The same adapter with the weights of a network after training, and the SHA-256 of its base.</summary>
    /// <param name="network">What <see cref="Attach"/> gave.</param>
    /// <param name="trained">Its graph with trained weights.</param>
    public PeftAdapter With(AdaptedNetwork network, Graph trained)
    {
        var weights = new WeightStore(Weights.All.Select(w => trained.Weights.TryGet(w.Name, out var now) && network.Trainable.Contains(now.Name) ? w with { Value = now.Value } : w));
        return this with { Weights = weights, BaseSha256 = HashOf(network.Base, weights) };
    }

    /// <summary>SHA-256 over names, types, sizes and bytes of the base's parameters in the order of their names, those left out that an adapter holds whole.</summary>
    public static string HashOf(Graph network, WeightStore adapter)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var weight in network.Weights.All.Where(w => w.Role == WeightRole.Parameter && !w.Aliases.Prepend(w.Name).Any(adapter.Contains)).OrderBy(w => w.Name, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{weight.Name}\n{weight.Value.Type} {string.Join(' ', weight.Value.Sizes)}\n")));
            hash.AppendData(weight.Value.Data.Span<byte>());
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
