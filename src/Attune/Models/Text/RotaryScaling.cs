using System.Text.Json;

namespace Attune.Models.Text;

/// <summary>How rotary frequencies are stretched for longer texts: <c>rope_scaling</c> of a <c>config.json</c>.</summary>
/// <param name="Type"><c>default</c>, <c>linear</c>, <c>dynamic</c>, <c>llama3</c> or <c>yarn</c>.</param>
internal sealed record RotaryScaling(string Type)
{
    private const string Setting = "rope_scaling";
    private static readonly string[] _types = ["default", "linear", "dynamic", "llama3", "yarn"];

    // Settings beside the type and the factor, by type.
    private static readonly Dictionary<string, string[]> _more = new(StringComparer.Ordinal)
    {
        ["llama3"] = ["low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
        ["yarn"] = ["original_max_position_embeddings", "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim"],
        ["dynamic"] = ["original_max_position_embeddings"],
    };

    /// <summary>Times longer texts than in pre-training.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>llama3: waves longer than the original positions divided by this are stretched fully.</summary>
    public double LowFrequency { get; init; } = 1;

    /// <summary>llama3: waves shorter than the original positions divided by this stay.</summary>
    public double HighFrequency { get; init; } = 4;

    /// <summary>Positions of pre-training; null for those of the configuration.</summary>
    public double? OriginalPositions { get; init; }

    /// <summary>yarn: turns over the original positions above which a pair stays. Default 32.</summary>
    public double FastTurns { get; init; } = 32;

    /// <summary>yarn: turns below which a pair is stretched fully. Default 1.</summary>
    public double SlowTurns { get; init; } = 1;

    /// <summary>yarn: what cosines and sines are multiplied by; null for 1 + 0.1·ln factor.</summary>
    public double? Magnitude { get; init; }

    /// <summary>Reads the setting; notes what is not known in the reader.</summary>
    /// <param name="c">The configuration.</param>
    /// <param name="positions">Positions of the configuration.</param>
    public static RotaryScaling Read(ConfigReader c, int positions)
    {
        if (c.Deciding(Setting) is not { } json) return new RotaryScaling("default");
        try
        {
            return Read(json, positions);
        }
        catch (OptionsException e)
        {
            c.Refuse(e.Message.TrimEnd('.'));
            return new RotaryScaling("default");
        }
    }

    /// <summary>Reads the setting.</summary>
    /// <exception cref="OptionsException">The type is not known, a setting is unknown, missing or no number.</exception>
    public static RotaryScaling Read(JsonElement json, int positions)
    {
        if (json.ValueKind == JsonValueKind.Null) return new RotaryScaling("default");
        if (json.ValueKind != JsonValueKind.Object) throw new OptionsException($"'{Setting}' is no object; a type and its numbers were expected.");
        var type = Text(json, "rope_type") ?? Text(json, "type") ?? throw new OptionsException($"'{Setting}' has no 'rope_type'; the types that are built are {string.Join(", ", _types)}.");
        if (!_types.Contains(type)) throw new OptionsException($"'{Setting}' has the type '{type}'; the types that are built are {string.Join(", ", _types)}.{NearestName.Hint(type, _types)}");
        string[] known = ["rope_type", "type", "factor", .. _more.GetValueOrDefault(type) ?? []];
        var unknown = json.EnumerateObject().Select(p => p.Name).Where(n => !known.Contains(n)).ToList();
        if (unknown.Count > 0) throw new OptionsException($"'{Setting}' of type '{type}' has the unknown settings {NearestName.Preview(unknown)}; it takes {string.Join(", ", known)}.");
        var original = Number(json, "original_max_position_embeddings");
        if (type == "llama3" && original is null) throw new OptionsException($"'{Setting}' of type 'llama3' has no 'original_max_position_embeddings'.");
        var factor = Number(json, "factor") ?? (type == "default" ? 1 : type == "yarn" && original is { } o ? positions / o : throw new OptionsException($"'{Setting}' of type '{type}' has no 'factor'."));
        if (factor < 1) throw new OptionsException($"'{Setting}' has the factor {json.GetProperty("factor").GetRawText()}; a number of 1 or more was expected.");

        // Upstream's versions differ on which of the two holds.
        if (type == "yarn" && original is { } before && Math.Abs(factor - positions / before) > 1e-6 * factor)
            throw new OptionsException($"'{Setting}' has the factor {json.GetProperty("factor").GetRawText()}, but max_position_embeddings is {positions} for {before} original positions; set max_position_embeddings to their product.");
        var (low, high) = (Number(json, "low_freq_factor") ?? 1, Number(json, "high_freq_factor") ?? 4);
        if (high <= low) throw new OptionsException($"'{Setting}' has a 'high_freq_factor' that is not above 'low_freq_factor'.");
        return new RotaryScaling(type)
        {
            Factor = factor,
            LowFrequency = low,
            HighFrequency = high,
            OriginalPositions = original,
            FastTurns = Number(json, "beta_fast") ?? 32,
            SlowTurns = Number(json, "beta_slow") ?? 1,
            Magnitude = Number(json, "attention_factor") ?? (Number(json, "mscale") is { } m && Number(json, "mscale_all_dim") is { } all ? Growth(factor, m) / Growth(factor, all) : null),
        };
    }

    /// <summary>Angle by which each pair turns a position, and what cosines and sines are multiplied by.</summary>
    /// <param name="width">Width d of a head: d / 2 pairs.</param>
    /// <param name="theta">θ: unscaled, pair i turns by θ^(−2i / d).</param>
    /// <param name="positions">Positions of the configuration.</param>
    /// <param name="length">Tokens of the longest text; matters to <c>dynamic</c> above <paramref name="positions"/>.</param>
    public (float[] Angles, double Magnitude) Frequencies(int width, double theta, int positions, int length)
    {
        if (Type == "dynamic" && length > positions) theta *= Math.Pow(Factor * length / positions - (Factor - 1), width / (width - 2.0));
        var (ramp, first, last) = (Type == "yarn", 0.0, 0.0);
        if (ramp)
        {
            var original = OriginalPositions ?? positions;
            double Pair(double turns) => width * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
            (first, last) = (Math.Max(Math.Floor(Pair(FastTurns)), 0), Math.Min(Math.Ceiling(Pair(SlowTurns)), width - 1));
            if (first == last) last += 0.001;
        }
        var angles = new float[width / 2];
        for (var i = 0; i < angles.Length; i++)
        {
            var angle = Math.Pow(theta, -2.0 * i / width);
            angles[i] = (float)(Type switch
            {
                "linear" => angle / Factor,
                "llama3" => Mixed(angle, Math.Clamp((OriginalPositions!.Value * angle / (2 * Math.PI) - LowFrequency) / (HighFrequency - LowFrequency), 0, 1)),
                "yarn" => Mixed(angle, 1 - Math.Clamp((i - first) / (last - first), 0, 1)),
                _ => angle,
            });
        }
        return (angles, ramp ? Magnitude ?? Growth(Factor, 1) : 1);
    }

    // `kept` of the angle as it is, the rest stretched.
    private double Mixed(double angle, double kept) => (1 - kept) * angle / Factor + kept * angle;

    private static double Growth(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number > 0) return number;
        throw new OptionsException($"'{Setting}' has '{name}' as {NearestName.Preview([value.GetRawText()])}; a number above 0 was expected.");
    }
}
