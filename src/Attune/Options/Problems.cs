using System.Globalization;

namespace Attune.Options;

/// <summary>Collects every problem of an options tree, each with its option path, so that all are told at once.</summary>
public sealed class Problems
{
    private readonly List<string> _all = [];

    /// <summary>The problems so far.</summary>
    public IReadOnlyList<string> All => _all;

    /// <summary>Adds a problem.</summary>
    public void Add(string path, string problem) => _all.Add($"{path}: {problem}");

    /// <summary>Adds problems that name their option already.</summary>
    public void AddAll(IEnumerable<string> problems) => _all.AddRange(problems);

    /// <summary>Demands <paramref name="value"/> ≥ <paramref name="least"/>; null passes.</summary>
    public void AtLeast(double least, double? value, string path)
    {
        if (value is { } given && !(given >= least)) Add(path, string.Create(CultureInfo.InvariantCulture, $"has to be at least {least}; got {given}."));
    }

    /// <summary>Demands a finite <paramref name="value"/> &gt; 0; null passes.</summary>
    public void Positive(double? value, string path)
    {
        if (value is { } given && !(given > 0 && double.IsFinite(given))) Add(path, string.Create(CultureInfo.InvariantCulture, $"has to be greater than 0; got {given}."));
    }

    /// <summary>Demands <paramref name="least"/> ≤ <paramref name="value"/> &lt; <paramref name="below"/>; null passes.</summary>
    public void InRange(double least, double below, double? value, string path)
    {
        if (value is { } given && !(given >= least && given < below))
            Add(path, string.Create(CultureInfo.InvariantCulture, $"has to be at least {least} and below {below}; got {given}."));
    }

    /// <summary>Demands one of <paramref name="known"/>; null passes. Names the nearest.</summary>
    public void OneOf(IEnumerable<string> known, string? value, string path)
    {
        if (value is null) return;
        var names = known.ToList();
        if (!names.Contains(value, StringComparer.Ordinal))
            Add(path, $"'{value}' is not known.{NearestName.Hint(value, names)} Choose one of {string.Join(", ", names)}.");
    }

    /// <summary>Throws when there are problems.</summary>
    /// <exception cref="OptionsException">Lists all of them.</exception>
    public void ThrowIfAny()
    {
        if (_all.Count > 0) throw new OptionsException(_all);
    }
}
