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
        Merge(root, "");
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
        if (Find(path) is { } type) Put(path, type, [value], isList: false);
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

    private void Merge(YamlMappingNode mapping, string prefix)
    {
        foreach (var (key, child) in mapping.Children)
        {
            var path = prefix + ((key as YamlScalarNode)?.Value ?? "?");
            if (child is YamlMappingNode inner && TypeOf(path) is { Kind: JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary }) Merge(inner, path + ".");
            else if (Find(path) is { } type)
            {
                if (child is YamlSequenceNode list) Put(path, type, [.. list.Children.Select(c => (c as YamlScalarNode)?.Value ?? "")], isList: true);
                else if (child is YamlScalarNode scalar) Put(path, type, [scalar.Value ?? ""], isList: false);
                else _problems.Add($"{path}: has to be a single value.");
            }
        }
    }

    private void Put(string path, JsonTypeInfo type, string[] values, bool isList)
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
            _problems.Add($"{path}: takes one value; got a list of {values.Length}.");
            return;
        }
        else if (!Scalar(path, type.Type, values[0], out node)) return;

        var parts = path.Split('.');
        var parent = _tree;
        for (var i = 0; i < parts.Length - 1; i++) parent = parent[parts[i]]!.AsObject();
        parent[parts[^1]] = node;
    }

    private bool Scalar(string path, Type type, string text, out JsonNode? node)
    {
        node = null;
        var target = Nullable.GetUnderlyingType(type);
        if (text is "null" or "auto" or "~" && (target is not null || type != typeof(string))) return target is not null || Wrong(path, "a value", text);
        target ??= type;
        if (target == typeof(string)) node = text;
        else if (target == typeof(bool)) return bool.TryParse(text, out var flag) ? Done(node = flag) : Wrong(path, "true or false", text);
        else if (target == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? Done(node = i) : Wrong(path, "a whole number", text);
        else if (target == typeof(long)) return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l) ? Done(node = l) : Wrong(path, "a whole number", text);
        else if (target == typeof(double)) return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d) ? Done(node = d) : Wrong(path, "a number", text);
        else throw new InvalidOperationException($"Option {path} has type {target}, which has no text form.");
        return true;
    }

    private static bool Done(JsonNode? _) => true;

    private bool Wrong(string path, string expected, string received)
    {
        _problems.Add($"{path}: has to be {expected}; got '{received}'.");
        return false;
    }

    private JsonTypeInfo? Find(string path)
    {
        var type = TypeOf(path);
        if (type is { Kind: not JsonTypeInfoKind.Object }) return type;
        _problems.Add(type is not null
            ? $"{path}: is a section; set one of its options, e.g. {Paths.First(p => p.StartsWith(path + ".", StringComparison.Ordinal))}."
            : $"{path}: There is no such option.{NearestName.Hint(path, Paths)} `attune schema` lists all.");
        return null;
    }

    private static JsonTypeInfo? TypeOf(string path)
    {
        JsonTypeInfo type = OptionsJson.Default.RunOptions;
        var parts = path.Split('.');
        for (var i = 0; i < parts.Length; i++)
        {
            if (type.Kind == JsonTypeInfoKind.Dictionary) return OptionsJson.Default.GetTypeInfo(typeof(string));
            var property = type.Properties.FirstOrDefault(p => p.Name == parts[i]);
            if (property is null) return null;
            type = OptionsJson.Default.GetTypeInfo(property.PropertyType)!;
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
