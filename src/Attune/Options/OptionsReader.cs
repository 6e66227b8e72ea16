using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Attune.Options;

/// <summary>
/// Builds <see cref="RunOptions"/> from layers: defaults, then a YAML or JSON file, then single settings (<c>training.epochs=10</c>).
/// Unknown keys and values of the wrong type are errors, all told at once.
/// </summary>
public sealed class OptionsReader
{
    private readonly JsonObject _tree = Defaults();
    private readonly List<string> _problems = [];

    /// <summary>All option paths, in tree order.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. Leaves(OptionsJson.Default.RunOptions, "")];

    /// <summary>The JSON schema of the options tree, defaults included.</summary>
    public static JsonNode Schema() => OptionsJson.Default.RunOptions.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = AddDefault,
    });

    /// <summary>Merges a YAML or JSON file.</summary>
    /// <exception cref="DataFormatException">The file cannot be read or is not a mapping.</exception>
    public OptionsReader File(string path)
    {
        string text;
        try { text = System.IO.File.ReadAllText(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new DataFormatException(path, null, null, $"cannot be read: {e.Message}", e); }
        var stream = new YamlStream();
        try { stream.Load(new StringReader(text)); }
        catch (YamlException e) { throw new DataFormatException(path, e.Start.Line, null, $"is not valid YAML: {e.Message}", e); }
        if (stream.Documents.Count == 0) return this;
        if (stream.Documents[0].RootNode is not YamlMappingNode root) throw new DataFormatException(path, 1, null, "has to hold option sections such as 'data:' and 'training:'.");
        Merge(root, []);
        return this;
    }

    /// <summary>Sets one option from text, e.g. <c>training.learning-rate=3e-4</c>; lists are separated by commas.</summary>
    public OptionsReader Set(string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) _problems.Add($"--set {assignment}: has to look like section.option=value.");
        else Set(assignment[..equals].Trim(), assignment[(equals + 1)..].Trim());
        return this;
    }

    /// <summary>Sets one option by its path.</summary>
    public OptionsReader Set(string path, string value)
    {
        string[] parts = path.Split('.');
        if (Find(parts) is { } type) Put(parts, type, [value], isList: false);
        return this;
    }

    /// <summary>The options; not yet validated beyond names and types.</summary>
    /// <exception cref="OptionsException">Lists unknown keys and values of the wrong type.</exception>
    public RunOptions Read()
    {
        if (_problems.Count > 0) throw new OptionsException(_problems);
        return _tree.Deserialize(OptionsJson.Default.RunOptions)!;
    }

    /// <summary>Options saved by <see cref="Save"/>.</summary>
    /// <exception cref="DataFormatException">The node is not such a tree.</exception>
    public static RunOptions Load(JsonNode? saved, string file)
    {
        try { return saved.Deserialize(OptionsJson.Default.RunOptions) ?? throw new JsonException("options are missing"); }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException) { throw new DataFormatException(file, null, null, $"The saved options cannot be read: {e.Message}", e); }
    }

    /// <summary>The options as a JSON tree.</summary>
    public static JsonObject Save(RunOptions options) => JsonSerializer.SerializeToNode(options, OptionsJson.Default.RunOptions)!.AsObject();

    private static JsonObject Defaults() => Save(new RunOptions());

    private static JsonNode AddDefault(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (context.Path.IsEmpty || schema is not JsonObject node) return schema;
        JsonNode? value = Defaults();
        foreach (var part in context.Path)
        {
            if (part == "properties") continue;
            value = (value as JsonObject)?[part];
        }
        if (value is JsonValue) node["default"] = value.DeepClone();
        return schema;
    }

    private void Merge(YamlMappingNode mapping, string[] prefix)
    {
        foreach (var (key, child) in mapping.Children)
        {
            string[] path = [.. prefix, (key as YamlScalarNode)?.Value ?? "?"];
            if (child is YamlMappingNode inner && TypeOf(path) is { Kind: JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary }) Merge(inner, path);
            else if (Find(path) is { } type)
            {
                if (child is YamlSequenceNode list) Put(path, type, [.. list.Children.Select(c => (c as YamlScalarNode)?.Value ?? "")], isList: true);
                else if (child is YamlScalarNode scalar) Put(path, type, [scalar.Value ?? ""], isList: false);
                else _problems.Add($"{Name(path)}: has to be a single value.");
            }
        }
    }

    private void Put(string[] path, JsonTypeInfo type, string[] values, bool isList)
    {
        JsonNode? node;
        if (type.Kind == JsonTypeInfoKind.Enumerable)
        {
            var items = isList ? values : values[0].Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var array = new JsonArray();
            foreach (var item in items)
            {
                if (!Scalar(path, type.ElementType!, item, out var element)) return;
                array.Add(element);
            }
            node = array;
        }
        else if (isList)
        {
            _problems.Add($"{Name(path)}: takes one value; got a list of {values.Length}.");
            return;
        }
        else if (!Scalar(path, type.Type, values[0], out node)) return;

        var parent = _tree;
        foreach (var part in path[..^1])
        {
            if (parent[part] is null) parent[part] = new JsonObject();
            parent = parent[part]!.AsObject();
        }
        parent[path[^1]] = node;
    }

    private bool Scalar(string[] path, Type type, string text, out JsonNode? node)
    {
        node = null;
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (text is "null" or "~" || (text == "auto" && !target.IsEnum && target != typeof(string))) return true;
        if (target == typeof(string)) node = text;
        else if (target == typeof(bool) && bool.TryParse(text, out var flag)) node = flag;
        else if (target == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i)) node = i;
        else if (target == typeof(long) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l)) node = l;
        else if (target == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d)) node = d;
        else if (target.IsEnum)
        {
            var names = Enum.GetNames(target).Select(JsonNamingPolicy.KebabCaseLower.ConvertName).ToList();
            if (!names.Contains(text, StringComparer.Ordinal)) return Wrong(path, $"one of {string.Join(", ", names)}", text);
            node = text;
        }
        else return Wrong(path, target == typeof(bool) ? "true or false" : target == typeof(double) ? "a number" : "a whole number", text);
        return true;
    }

    private bool Wrong(string[] path, string expected, string received)
    {
        _problems.Add($"{Name(path)}: has to be {expected}; got '{received}'.");
        return false;
    }

    private static string Name(string[] path) => string.Join('.', path);

    private JsonTypeInfo? Find(string[] path)
    {
        var type = TypeOf(path);
        if (type is { Kind: not (JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary) }) return type;
        var name = Name(path);
        _problems.Add(type is not null
            ? $"{name}: is a section; set one of its options, e.g. {Paths.FirstOrDefault(p => p.StartsWith(name + ".", StringComparison.Ordinal)) ?? name + ".NAME"}."
            : $"{name}: There is no such option.{NearestName.Hint(name, Paths)} `attune schema` lists all.");
        return null;
    }

    private static JsonTypeInfo? TypeOf(string[] path)
    {
        JsonTypeInfo type = OptionsJson.Default.RunOptions;
        foreach (var part in path)
        {
            var inner = type.Kind == JsonTypeInfoKind.Dictionary ? type.ElementType : type.Properties.FirstOrDefault(p => p.Name == part)?.PropertyType;
            if (inner is null) return null;
            type = OptionsJson.Default.GetTypeInfo(inner)!;
        }
        return type;
    }

    private static IEnumerable<string> Leaves(JsonTypeInfo type, string prefix)
    {
        foreach (var property in type.Properties)
        {
            var inner = OptionsJson.Default.GetTypeInfo(property.PropertyType)!;
            if (inner.Kind == JsonTypeInfoKind.Object)
            {
                foreach (var leaf in Leaves(inner, prefix + property.Name + ".")) yield return leaf;
            }
            else yield return prefix + property.Name;
        }
    }
}
