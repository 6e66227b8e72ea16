using System.Globalization;
using System.Text.RegularExpressions;

namespace Attune.Methods;

/// <summary>Which modules an <c>adapter_config.json</c> means, by PEFT's rules: a list fits whole names and endings behind a dot, one text is a regular expression over the whole name.</summary>
internal static class PeftTargets
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>True when a module is adapted.</summary>
    public static bool IsTarget(PeftConfig config, string module)
    {
        if (config.Exclude.Count > 0 && Fits(config, config.Exclude, config.ExcludeIsPattern, module)) return false;
        if (config.TargetIsPattern) return config.Targets is ["all-linear"] || Fits(config, config.Targets, true, module);
        if (config.Targets.Contains(module)) return true;
        return Fits(config, config.Targets, false, module) && (config.Layers.Count == 0 || (LayerOf(config, module) is { } layer && config.Layers.Contains(layer)));
    }

    /// <summary>True for a feed-forward module of IA3, whose input is scaled.</summary>
    public static bool IsFeedForward(PeftConfig config, string module) => Fits(config, config.FeedForward, config.FeedForwardIsPattern, module);

    /// <summary>The value that a pattern gives a module: the first pattern that fits the name or its end behind a dot.</summary>
    public static double? Pattern(PeftConfig config, IReadOnlyList<KeyValuePair<string, double>> patterns, string module)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (Matches(config, $"^(.*\\.)?({pattern})$", module).Success) return value;
        }
        return null;
    }

    /// <summary>True when a weight lies in a module that the adapter holds whole.</summary>
    public static bool IsSaved(PeftConfig config, string weight)
    {
        for (var dot = weight.LastIndexOf('.'); dot > 0; dot = weight.LastIndexOf('.', dot - 1))
        {
            var module = weight[..dot];
            if (config.ModulesToSave.Any(m => module.EndsWith(m, StringComparison.Ordinal))) return true;
        }
        return false;
    }

    private static bool Fits(PeftConfig config, IReadOnlyList<string> names, bool isPattern, string module)
        => names.Any(n => isPattern ? Matches(config, $"^(?:{n})$", module).Success : module == n || module.EndsWith("." + n, StringComparison.Ordinal));

    private static int? LayerOf(PeftConfig config, string module)
    {
        var patterns = config.LayersPattern.Count > 0 ? config.LayersPattern : [@"[^.]*"];
        foreach (var pattern in patterns)
        {
            var match = Matches(config, $@"^.*\.(?:{pattern})\.(\d+)\.", module);
            if (match.Success && int.TryParse(match.Groups[^1].Value, CultureInfo.InvariantCulture, out var layer)) return layer;
        }
        return null;
    }

    private static Match Matches(PeftConfig config, string pattern, string text)
    {
        try { return Regex.Match(text, pattern, RegexOptions.CultureInvariant, _patience); }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException) { throw config.Refuse($"the pattern '{pattern}' cannot be used: {e.Message}"); }
    }
}
