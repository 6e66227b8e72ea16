using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>What a method adds to a network, in the terms of PEFT's files.</summary>
/// <param name="Config">The fields of <c>adapter_config.json</c> that the method decides.</param>
/// <param name="Tensors">The tensors of a trained graph under their module's names.</param>
public sealed record PeftForm(JsonObject Config, Func<Graph, IReadOnlyList<Weight>> Tensors)
{
    private const string WeightEnd = ".weight";

    /// <summary>The form of low-rank adapters.</summary>
    /// <param name="graph">The network before.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="isStabilized">Whether scales are α/√r.</param>
    /// <param name="dropout">Share of inputs that training drops.</param>
    /// <exception cref="OptionsException">An adapted weight is no module of its own; says which.</exception>
    internal static PeftForm Of(Graph graph, IReadOnlyList<LoraAdapter> adapters, bool isStabilized, double dropout)
    {
        foreach (var adapter in adapters)
        {
            Demand(graph, adapter.Weight, adapter.Stem, adapter.IsShared);
            if (adapter.Groups > 1) throw new OptionsException($"'{adapter.Weight}' belongs to a convolution with {adapter.Groups} groups, for which PEFT has no adapter.");
        }
        double AlphaOf(LoraAdapter a) => a.Scale * (isStabilized ? Math.Sqrt(a.Rank) : a.Rank);
        var (rank, alpha) = (Usual(adapters.Select(a => a.Rank)), Usual(adapters.Select(AlphaOf)));
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["r"] = rank,
            ["lora_alpha"] = Number(alpha),
            ["lora_dropout"] = dropout,
            ["bias"] = "none",
            ["fan_in_fan_out"] = adapters.Any(a => !a.OutputsFirst && !a.IsTable),
            ["init_lora_weights"] = true,
            ["use_rslora"] = isStabilized,
            ["use_dora"] = adapters.Any(a => a.Magnitude is not null),
            ["target_modules"] = Names(adapters.Select(a => a.Stem)),
            ["rank_pattern"] = Pattern(adapters.Where(a => a.Rank != rank), a => a.Rank),
            ["alpha_pattern"] = Pattern(adapters.Where(a => AlphaOf(a) != alpha), a => Number(AlphaOf(a))),
        };
        return new PeftForm(config, trained => [.. adapters.SelectMany(a => a.Magnitude is null ? new[] { a.A, a.B } : [a.A, a.B, a.Magnitude]).Distinct().Select(n => trained.Weights[n])]);
    }

    /// <summary>The form of factors.</summary>
    /// <param name="graph">The network before.</param>
    /// <param name="adapters">The factors.</param>
    /// <exception cref="OptionsException">A scaled weight is no module of its own; says which.</exception>
    internal static PeftForm Of(Graph graph, IReadOnlyList<Ia3Adapter> adapters)
    {
        static string Stem(Ia3Adapter a) => a.L[..^".ia3_l".Length];
        foreach (var adapter in adapters) Demand(graph, adapter.Weight, Stem(adapter), isShared: false);
        var config = new JsonObject
        {
            ["peft_type"] = "IA3",
            ["target_modules"] = Names(adapters.Select(Stem)),
            ["feedforward_modules"] = Names(adapters.Where(a => a.ScalesInput).Select(Stem)),
            ["fan_in_fan_out"] = adapters.Any(a => !a.OutputsFirst),
            ["init_ia3_weights"] = true,
        };
        return new PeftForm(config, trained => [.. adapters.Select(a => trained.Weights[a.L])]);
    }

    private static void Demand(Graph graph, string weight, string stem, bool isShared)
    {
        if (isShared) throw new OptionsException($"'{weight}' is adapted in one of its uses only, for which PEFT's files have no name.");
        if (!graph.Weights[weight].Aliases.Prepend(weight).Contains(stem + WeightEnd, StringComparer.Ordinal)) throw new OptionsException($"'{weight}' is not the weight of a named module, as PEFT's files need.");
    }

    private static T Usual<T>(IEnumerable<T> values) => values.GroupBy(v => v).OrderByDescending(g => g.Count()).First().Key;

    // 16, not 16.0: PEFT's field is a whole number
    private static JsonValue Number(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e9 ? JsonValue.Create((int)value) : JsonValue.Create(double.Parse(value.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Distinct(StringComparer.Ordinal).Select(n => (JsonNode?)n)]);

    private static JsonObject Pattern(IEnumerable<LoraAdapter> adapters, Func<LoraAdapter, JsonNode?> value)
        => new(adapters.DistinctBy(a => a.Stem).Select(a => KeyValuePair.Create(a.Stem.Replace(".", "\\.", StringComparison.Ordinal), value(a))));
}
