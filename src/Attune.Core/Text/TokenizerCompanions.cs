using System.Text.Json;

namespace Attune.Text;

/// <summary>The files beside a tokenizer: tokenizer_config.json, special_tokens_map.json and added_tokens.json, each where it is there.</summary>
internal sealed class TokenizerCompanions
{
    // Larger numbers stand for "no limit" in these files.
    private const double MostTokens = 1e9;

    private static readonly string[] RoleNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly Dictionary<string, string> _roles = [];
    private readonly List<AddedToken> _added = [];
    private readonly ComponentJson? _config;

    /// <summary>Reads what is in <paramref name="folder"/> ("" for nothing) into the files to save.</summary>
    /// <exception cref="DataFormatException">A file is no valid JSON object.</exception>
    public TokenizerCompanions(string folder, Dictionary<string, byte[]> files)
    {
        ReadRoles(Open(folder, "special_tokens_map.json", files));
        _config = Open(folder, "tokenizer_config.json", files);
        ReadRoles(_config);
        if (Open(folder, "added_tokens.json", files) is { } added)
        {
            foreach (var token in added.Element.EnumerateObject())
            {
                var name = added.NameOf(token, "added_tokens");
                _added.Add(new(name, added.Number(name), Special: false, Normalized: true));
            }
        }
        foreach (var (i, token) in _added.Index().ToArray())
        {
            if (_roles.ContainsValue(token.Content)) _added[i] = token with { Special = true, Normalized = false };
        }
    }

    /// <summary>Tokens by the part they play (<c>pad_token</c>, …).</summary>
    public IReadOnlyDictionary<string, string> Roles => _roles;

    /// <summary>Tokens of added_tokens.json, by id.</summary>
    public IReadOnlyList<AddedToken> Added => [.. _added.OrderBy(t => t.Id)];

    /// <summary>The class that the tokenizer has in Python, without Fast; null where it is not said.</summary>
    public string? TokenizerClass => _config?.TextOrNull("tokenizer_class")?.Replace("Fast", "", StringComparison.Ordinal);

    public int? ModelMaxLength
        => _config?.Member("model_max_length") is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var limit) && limit is >= 1 and < MostTokens ? (int)limit : null;

    public bool Flag(string name, bool otherwise) => _config?.Flag(name, otherwise) ?? otherwise;

    public bool? FlagOrNull(string name) => _config is { } config && config.Has(name) ? config.Flag(name) : null;

    public string Role(string name, string usual) => _roles.GetValueOrDefault(name, usual);

    /// <summary>The object in a JSON file, which is also kept to be saved; null where there is none.</summary>
    private static ComponentJson? Open(string folder, string name, Dictionary<string, byte[]> files)
    {
        var path = Path.Combine(folder, name);
        if (folder.Length == 0 || !File.Exists(path)) return null;
        files[name] = File.ReadAllBytes(path);
        var json = new ComponentJson(path, Path.GetFileNameWithoutExtension(name), TokenizerJson.Parse(files[name], path).RootElement);
        return json.Element.ValueKind == JsonValueKind.Object ? json : throw json.Error("This is JSON, but no object. Download the file again.");
    }

    // A token stands there as a text or as an object with its flags.
    private void ReadRoles(ComponentJson? file)
    {
        if (file is not { } json) return;
        foreach (var role in RoleNames)
        {
            if (!json.Has(role)) continue;
            _roles[role] = json.Member(role).ValueKind == JsonValueKind.Object ? json.Object(role)!.Value.Text("content") : json.Text(role);
        }
    }
}
