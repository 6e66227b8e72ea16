using System.Globalization;
using Attune.Options;

namespace Attune.Methods;

/// <summary>Which uses of weights an adapter method takes, and the numbers of each, by the user's patterns.</summary>
internal static class AdapterTargets
{
    /// <summary>True when the weight lies in one of the layers that were asked for; always true where none were.</summary>
    public static bool InLayers(MethodOptions options, WeightUse use)
        => options.Layers.Count == 0 || (LayerOf(use.Weight) ?? LayerOf(use.Consumer.Name)) is { } layer && options.Layers.Contains(layer);

    /// <summary>Demands that each layer that was asked for has a weight, and each pattern fits one.</summary>
    /// <exception cref="OptionsException">Something fits nothing; names what is there.</exception>
    public static void DemandFits(MethodOptions options, IReadOnlyList<WeightUse> adapted, IReadOnlyList<WeightUse> all)
    {
        foreach (var layer in options.Layers.Where(l => !all.Any(u => (LayerOf(u.Weight) ?? LayerOf(u.Consumer.Name)) == l)))
        {
            var known = all.Select(u => LayerOf(u.Weight) ?? LayerOf(u.Consumer.Name)).OfType<int>().Distinct().Order().ToList();
            throw new OptionsException(string.Create(CultureInfo.InvariantCulture, $"method.layers: no weight belongs to layer {layer}. {(known.Count == 0 ? "The names of this network hold no numbers of layers." : $"There are {string.Join(", ", known)}.")}"));
        }
        foreach (var (option, texts) in new[] { ("method.rank-pattern", options.RankPattern), ("method.alpha-pattern", options.AlphaPattern) })
        {
            foreach (var text in texts)
            {
                var pattern = PatternValue.Parse(text)!.Pattern;
                if (!adapted.Any(u => Fits(pattern, u))) throw NamePatterns.Unmatched(option, pattern, adapted.SelectMany(u => new[] { u.Weight, u.Consumer.Name }));
            }
        }
    }

    /// <summary>r of a weight.</summary>
    public static int RankOf(MethodOptions options, WeightUse use) => (int)(Of(options.RankPattern, use) ?? options.Rank);

    /// <summary>α of a weight: its pattern's, <c>method.alpha</c>, or twice its rank.</summary>
    public static double AlphaOf(MethodOptions options, WeightUse use, int rank) => Of(options.AlphaPattern, use) ?? options.Alpha ?? 2.0 * rank;

    private static double? Of(IReadOnlyList<string> patterns, WeightUse use) => patterns.Select(t => PatternValue.Parse(t)!).FirstOrDefault(p => Fits(p.Pattern, use))?.Value;

    private static bool Fits(string pattern, WeightUse use) => NamePatterns.Fits(pattern, use.Weight) || NamePatterns.Fits(pattern, use.Consumer.Name);

    // The last number between dots (weights) or slashes (nodes)
    private static int? LayerOf(string name)
    {
        foreach (var part in name.Split('.', '/').Reverse())
        {
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)) return layer;
        }
        return null;
    }
}
