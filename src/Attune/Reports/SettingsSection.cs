using System.Text.Json;
using Attune.Options;

namespace Attune.Reports;

/// <summary>How to do it again: the command, options that differ from their defaults, choices made for the user, the machine.</summary>
internal static class SettingsSection
{
    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, RunFiles files)
    {
        var run = files.Run;
        html.Raw("<section aria-labelledby=\"settings\">\n<h2 id=\"settings\">How it was made</h2>\n");
        if (run["command"].Text is { } command) html.Add($"<pre tabindex=\"0\"><code>{command}</code></pre>\n");
        html.Raw("<div class=\"two even\">\n");
        Table(html, "Options that differ from the defaults", [.. Changed(run["options"])]);
        Table(html, "Chosen", [.. run["chosen"].Fields.Select(f => (f.Name, f.Value.Display))]);
        Table(html, "Run", [.. Run(run)]);
        html.Raw("</div>\n</section>\n");
    }

    private static IEnumerable<(string Name, string Value)> Run(JsonPart run)
    {
        foreach (var name in new[] { "started", "attune", "environment", "earlierWeightsSha256" })
            if (run[name].Text is { } text) yield return (name, text);
        foreach (var (name, value) in run["result"].Fields) yield return (name, value.Display);
    }

    private static List<(string Name, string Value)> Changed(JsonPart options)
    {
        var defaults = new JsonPart(options.File, "options", Element(OptionsReader.Save(new RunOptions())));
        var changed = new List<(string, string)>();
        Compare(options, defaults, "", changed);
        return changed;
    }

    private static JsonElement Element(System.Text.Json.Nodes.JsonObject tree)
    {
        using var document = JsonDocument.Parse(tree.ToJsonString());
        return document.RootElement.Clone();
    }

    private static void Compare(JsonPart value, JsonPart usual, string path, List<(string, string)> changed)
    {
        if (value.Element.ValueKind == JsonValueKind.Object && usual.Element.ValueKind is JsonValueKind.Object or JsonValueKind.Undefined)
        {
            foreach (var (name, inner) in value.Fields) Compare(inner, usual[name], path.Length == 0 ? name : path + "." + name, changed);
        }
        else if (value.Exists != usual.Exists || (value.Exists && !JsonElement.DeepEquals(value.Element, usual.Element))) changed.Add((path, value.Display));
    }

    private static void Table(HtmlWriter html, string caption, List<(string Name, string Value)> rows)
    {
        if (rows.Count == 0) return;
        html.Add($"<table class=\"pairs\">\n<caption>{caption}</caption>\n<tbody>\n");
        foreach (var (name, value) in rows) html.Add($"<tr><th scope=\"row\">{name}<td>{value}</tr>\n");
        html.Raw("</tbody></table>\n");
    }
}
