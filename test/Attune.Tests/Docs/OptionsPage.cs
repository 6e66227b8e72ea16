using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Attune.Options;

namespace Attune.Tests.Docs;

/// <summary>docs/options.md from the options records, their defaults and their XML documentation.</summary>
internal static partial class OptionsPage
{
    public static string Create()
    {
        var documents = Documents();
        var defaults = OptionsReader.Save(new RunOptions());
        var page = new StringBuilder("""
            # Options

            One tree: the YAML or JSON file of `attune tune run.yaml`, `--set section.option=value`, the library's `RunOptions`, and the saved `run.json`. Lists on the command
            line are separated by commas. `auto` gives a number back to Attune's own choice. Written by `docs/generate.sh` from the code; do not edit.

            """.ReplaceLineEndings("\n"));
        page.Append("\n| option | default | meaning |\n|---|---|---|\n");
        Row(page, documents, typeof(RunOptions).GetProperty(nameof(RunOptions.Out))!, "out", null);
        foreach (var section in typeof(RunOptions).GetProperties().Where(IsSection))
        {
            var name = Kebab(section.Name);
            page.Append("\n## ").Append(name).Append("\n\n").Append(Summary(documents, section.PropertyType.FullName!, 'T')).Append("\n\n| option | default | meaning |\n|---|---|---|\n");
            foreach (var option in section.PropertyType.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(p => p.SetMethod is not null))
                Row(page, documents, option, $"{name}.{Kebab(option.Name)}", defaults[name]?[Kebab(option.Name)]);
        }
        return page.ToString();
    }

    private static bool IsSection(PropertyInfo property) => property.PropertyType.IsClass && property.PropertyType.Namespace?.StartsWith("Attune", StringComparison.Ordinal) == true;

    private static void Row(StringBuilder page, IReadOnlyDictionary<string, XElement> documents, PropertyInfo option, string path, JsonNode? value)
    {
        var text = value switch
        {
            null => "–",
            JsonArray { Count: 0 } or JsonObject { Count: 0 } => "none",
            JsonValue single when single.GetValueKind() == JsonValueKind.String => $"`{single.GetValue<string>()}`",
            _ => $"`{value.ToJsonString()}`",
        };
        page.Append("| `").Append(path).Append("` | ").Append(text).Append(" | ").Append(Summary(documents, $"{option.DeclaringType!.FullName}.{option.Name}", 'P'))
            .Append(option.PropertyType.IsEnum ? $" One of `{string.Join("`, `", Enum.GetNames(option.PropertyType).Select(Kebab))}`." : "").Append(" |\n");
    }

    private static string Summary(IReadOnlyDictionary<string, XElement> documents, string member, char kind)
    {
        if (!documents.TryGetValue($"{kind}:{member}", out var summary)) return "";
        var text = string.Concat(summary.Nodes().Select(Text));
        text = OptionPath().Replace(Spaces().Replace(text, " ").Trim(), "");
        return text.Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "paramref" } reference => Reference(reference),
        _ => "",
    };

    // Properties of options by their option's name, members of other types by their own.
    private static string Reference(XElement reference)
    {
        var name = reference.Attribute("cref")?.Value ?? reference.Attribute("name")?.Value ?? "";
        if (name.IndexOf('(', StringComparison.Ordinal) is > 0 and var end) name = name[..end];
        var last = name[(name.LastIndexOf('.') + 1)..];
        return name.StartsWith("P:", StringComparison.Ordinal) ? $"`{Kebab(last)}`" : $"`{last}`";
    }

    private static Dictionary<string, XElement> Documents()
    {
        var file = Path.ChangeExtension(typeof(RunOptions).Assembly.Location, ".xml");
        return XDocument.Load(file).Descendants("member").Where(m => m.Element("summary") is not null)
            .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary")!, StringComparer.Ordinal);
    }

    private static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    // Encoding options end with their own path, which is the first cell.
    [GeneratedRegex(@" `[a-z]+\.[a-z-]+`$")]
    private static partial Regex OptionPath();
}
