using System.Text.Json;
using System.Text.Json.Nodes;

namespace Attune.Encoding;

/// <summary>How token sequences become a graph's inputs.</summary>
/// <param name="MaxLength">Tokens of a sequence at most, special ones included; longer texts are cut.</param>
/// <param name="Padding">How sequences are padded.</param>
/// <param name="Fields">What each graph input holds, by its name.</param>
public sealed record TextSettings(int MaxLength, TokenPadding Padding, IReadOnlyDictionary<string, TokenField> Fields)
{
    /// <summary>Name of the graph input of a tagger's chosen tokens.</summary>
    public const string SelectedName = "selected";

    /// <summary>True when words have an output each, not texts.</summary>
    public bool SelectsWords => Fields.Values.Contains(TokenField.Selected);

    /// <summary>The settings of a network that puts tokens of its own in front of each text: so many less are left for the text.</summary>
    /// <param name="tokens">Tokens in front.</param>
    /// <exception cref="OptionsException">Fewer than eight are left.</exception>
    internal TextSettings Behind(int tokens)
    {
        const int fewest = 8;
        if (Padding.Most - tokens < fewest) throw new OptionsException(FormattableString.Invariant($"method.virtual-tokens: {tokens} in front of each text leave {Math.Max(0, Padding.Most - tokens)} of the {Padding.Most} that the network takes; at least {fewest} have to be left. Use fewer."));
        return this with { MaxLength = Math.Min(MaxLength, Padding.Most - tokens), Padding = Padding with { Most = Padding.Most - tokens } };
    }

    /// <summary>The settings as files hold them.</summary>
    public JsonObject ToJson()
    {
        var inputs = new JsonObject();
        foreach (var (name, field) in Fields) inputs[name] = JsonNamingPolicy.CamelCase.ConvertName(field.ToString());
        return new JsonObject { ["maxLength"] = MaxLength, ["padId"] = Padding.Id, ["padType"] = Padding.Type, ["longest"] = Padding.Most, ["inputs"] = inputs };
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The object.</param>
    /// <param name="file">Its file, for messages.</param>
    /// <exception cref="DataFormatException">A value is missing or of the wrong type.</exception>
    public static TextSettings FromJson(JsonObject json, string file)
    {
        try
        {
            var fields = json["inputs"]!.AsObject().ToDictionary(p => p.Key, p => Enum.Parse<TokenField>(p.Value!.GetValue<string>(), ignoreCase: true), StringComparer.Ordinal);
            var length = json["maxLength"]!.GetValue<int>();
            var padding = new TokenPadding(json["padId"]!.GetValue<int>(), json["longest"]!.GetValue<int>(), Type: json["padType"]?.GetValue<int>() ?? 0);
            if (length < 1 || padding.Most < length || padding.Id < 0) throw new FormatException("the lengths are impossible");
            return new TextSettings(length, padding, fields);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NullReferenceException or FormatException)
        {
            throw new DataFormatException(file, null, null, $"'text' cannot be read: {e.Message}. The model folder is damaged: copy it again, or train again.", e);
        }
    }
}
