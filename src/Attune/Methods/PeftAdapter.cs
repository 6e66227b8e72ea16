using System.Security.Cryptography;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// An adapter as PEFT writes it: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. Our own files hold the SHA-256 of the base's weights besides, in the metadata of the second, which PEFT passes over.
/// </summary>
/// <param name="Config">The configuration.</param>
/// <param name="Weights">The tensors under their module's names, PEFT's prefix <c>base_model.model.</c> taken off.</param>
/// <param name="BaseSha256">Of the base's weights that the adapter does not hold whole; null when the file says nothing.</param>
public sealed record PeftAdapter(PeftConfig Config, WeightStore Weights, string? BaseSha256)
{
    /// <summary>Name of the configuration's file.</summary>
    public const string ConfigFile = "adapter_config.json";

    /// <summary>Name of the file of tensors.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    private const string Prefix = "base_model.model.", BaseKey = "attune.base_sha256";

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
        var weights = new WeightStore();
        foreach (var weight in file.Weights.All)
        {
            if (!weight.Name.StartsWith(Prefix, StringComparison.Ordinal)) throw new DataFormatException(path, null, null, $"holds '{weight.Name}'; names that begin with {Prefix} were expected.");
            if (!weight.Value.Type.IsFloating()) throw new DataFormatException(path, null, null, $"'{weight.Name}' is {weight.Value}; floating numbers were expected.");
            weights.Add(weight with { Name = weight.Name[Prefix.Length..], Value = weight.Value.ToFloat(), Role = WeightRole.Parameter });
        }
        return new PeftAdapter(config, weights, file.Metadata.GetValueOrDefault(BaseKey));
    }

    /// <summary>Writes both files so that PEFT loads them.</summary>
    /// <param name="folder">The folder; made when it is not there.</param>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (BaseSha256 is { } hash) metadata[BaseKey] = hash;
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), new WeightStore(Weights.All.Select(w => w with { Name = Prefix + w.Name, Aliases = [] })), metadata);
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
