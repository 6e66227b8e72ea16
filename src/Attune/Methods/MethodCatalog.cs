namespace Attune.Methods;

/// <summary>Every tuning method, alphabetically.</summary>
public static class MethodCatalog
{
    private static readonly TuningMethod[] Methods =
    [
        new BitFit(),
        new Bottleneck(),
        new Dora(),
        new Full(),
        new HeadOnly(),
        new Ia3(),
        new LastBlocks(),
        new Lora(),
        new NormOnly(),
        new Pissa(),
        new PrefixTuning(),
        new PromptTuning(),
        new RsLora(),
        new SetFit(),
    ];

    /// <summary>The methods.</summary>
    public static IReadOnlyList<TuningMethod> All => Methods;

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Methods.Select(m => m.Name)];

    /// <summary>The method of a name.</summary>
    /// <exception cref="OptionsException">There is none; names the nearest.</exception>
    public static TuningMethod Get(string name) => Methods.FirstOrDefault(m => m.Name == name)
        ?? throw new OptionsException($"method.name: '{name}' is not known.{NearestName.Hint(name, Names)} Choose one of {string.Join(", ", Names)}.");
}
