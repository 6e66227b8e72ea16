using System.Globalization;

namespace Attune.Data.Images;

/// <summary>Counts files that are no pictures, by their endings.</summary>
internal sealed class SkippedFiles
{
    private readonly SortedDictionary<string, int> _endings = new(StringComparer.Ordinal);
    private int _hidden;

    /// <summary>Counts a file.</summary>
    public void Add(string file)
    {
        var ending = Path.GetExtension(file).ToLowerInvariant();
        if (ending.Length == 0) ending = "no ending";
        _endings[ending] = _endings.GetValueOrDefault(ending) + 1;
    }

    /// <summary>Counts files.</summary>
    public void AddAll(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            if (Path.GetFileName(file).StartsWith('.')) AddHidden();
            else Add(file);
        }
    }

    /// <summary>Counts a hidden file.</summary>
    public void AddHidden() => _hidden++;

    /// <summary>The counts as sentences; none when nothing was skipped.</summary>
    public IReadOnlyList<string> Notices()
    {
        var notices = new List<string>();
        if (_hidden > 0) notices.Add(string.Create(CultureInfo.InvariantCulture, $"{_hidden:N0} hidden {(_hidden == 1 ? "file was" : "files were")} skipped."));
        var others = _endings.Values.Sum();
        if (others > 0)
        {
            var list = string.Join(", ", _endings.OrderByDescending(e => e.Value).Take(8).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key} × {e.Value:N0}")));
            notices.Add(string.Create(CultureInfo.InvariantCulture, $"{others:N0} {(others == 1 ? "file is" : "files are")} no picture of a known format ({ImageFormats.Known}) and {(others == 1 ? "was" : "were")} skipped: {list}."));
        }
        return notices;
    }
}
