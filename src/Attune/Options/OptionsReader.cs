using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Encoding;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Attune.Options;

/// <summary>
/// Builds <see cref="RunOptions"/> from layers: defaults, then a YAML or JSON file, then single settings (<c>training.epochs=10</c>).
/// Unknown keys and values of the wrong type are errors, all told at once.
/// </summary>
public sealed class OptionsReader
{
    private const string KindsPrefix = "data.columns.", EncodingsPrefix = "encoding.columns.", Encodings = "encoding.columns";
    private const int MostCharacters = 1_000_000, MostBrackets = 1_000;   // deeper nesting would exhaust the parser's stack
    private readonly List<string> _problems = [];
    private RunOptions _options = new();

    /// <summary>All option paths, in tree order.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. OptionCatalog.Run.Select(o => o.Path), Encodings];

    /// <summary>The JSON schema of the options tree, defaults included.</summary>
    public static JsonObject Schema()
    {
        var root = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "Options of an Attune run", ["type"] = "object", ["additionalProperties"] = false };
        var defaults = new RunOptions();
        foreach (var option in OptionCatalog.Run)
        {
            var schema = OptionValue.Schema(option.Type);
            if (option.Get(defaults) is { } value) schema["default"] = OptionValue.ToJson(value);
            Properties(root, option.Path.Split('.')[..^1])[option.Path[(option.Path.LastIndexOf('.') + 1)..]] = schema;
        }
        var column = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = new JsonObject() };
        foreach (var option in OptionCatalog.Column) column["properties"]![option.Path] = OptionValue.Schema(option.Type);
        Properties(root, ["encoding"])["columns"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = column };
        return root;
    }

    /// <summary>Merges a YAML or JSON file.</summary>
    /// <exception cref="DataFormatException">The file cannot be read or is not a mapping.</exception>
    public OptionsReader File(string path)
    {
        string text;
        try { text = System.IO.File.ReadAllText(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new DataFormatException(path, null, null, $"cannot be read: {e.Message}", e); }
        if (text.Length > MostCharacters || text.Count(c => c is '[' or '{') > MostBrackets)
            throw new DataFormatException(path, null, null, $"is no options file: it has more than {MostCharacters} characters or {MostBrackets} brackets.");
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
        Put(path, [value], isList: false);
        return this;
    }

    /// <summary>The options; when names and types are right, values are not yet validated.</summary>
    /// <exception cref="OptionsException">Lists unknown keys and values of the wrong type, and with them whatever else is wrong.</exception>
    public RunOptions Read() => _problems.Count == 0 ? _options : throw new OptionsException([.. _problems, .. _options.Check().All]);

    /// <summary>Options saved by <see cref="Save"/>.</summary>
    /// <exception cref="DataFormatException">The node is not such a tree.</exception>
    public static RunOptions Load(JsonNode? saved, string file)
    {
        try
        {
            var tree = saved?.AsObject() ?? throw new JsonException("options are missing");
            var options = new RunOptions();
            foreach (var option in OptionCatalog.Run) options = option.Set(options, OptionValue.FromJson(At(tree, option.Path), option.Type));
            var columns = new Dictionary<string, ColumnEncodingOptions>(StringComparer.Ordinal);
            foreach (var (name, node) in At(tree, Encodings)?.AsObject() ?? [])
            {
                var column = new ColumnEncodingOptions();
                foreach (var option in OptionCatalog.Column) column = option.Set(column, OptionValue.FromJson(node![option.Path], option.Type));
                columns[name] = column;
            }
            return options with { Encoding = options.Encoding with { Columns = columns } };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new DataFormatException(file, null, null, $"The saved options cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The options as a JSON tree.</summary>
    public static JsonObject Save(RunOptions options)
    {
        var tree = new JsonObject();
        foreach (var option in OptionCatalog.Run)
        {
            var parent = tree;
            var parts = option.Path.Split('.');
            foreach (var section in parts[..^1]) parent = (parent[section] ??= new JsonObject()).AsObject();
            parent[parts[^1]] = OptionValue.ToJson(option.Get(options));
        }
        var columns = new JsonObject();
        foreach (var (name, column) in options.Encoding.Columns)
            columns[name] = new JsonObject(OptionCatalog.Column.Select(o => KeyValuePair.Create(o.Path, OptionValue.ToJson(o.Get(column)))));
        tree["encoding"]!["columns"] = columns;
        return tree;
    }

    private void Merge(YamlMappingNode mapping, string prefix)
    {
        foreach (var (key, child) in mapping.Children)
        {
            var path = prefix + ((key as YamlScalarNode)?.Value ?? "?");
            switch (child)
            {
                case YamlMappingNode inner: Merge(inner, path + "."); break;
                case YamlSequenceNode list: Put(path, [.. list.Children.Select(c => (c as YamlScalarNode)?.Value ?? "")], isList: true); break;
                case YamlScalarNode { Value: null or "" } when IsSection(path): break;   // a section that was left empty
                case YamlScalarNode scalar: Put(path, [scalar.Value ?? ""], isList: false); break;
                default: _problems.Add($"{path}: has to be a single value."); break;
            }
        }
    }

    private void Put(string path, string[] values, bool isList)
    {
        if (path.StartsWith(KindsPrefix, StringComparison.Ordinal) && !isList)
        {
            var kinds = _options.Data.Columns.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItem(path[KindsPrefix.Length..], values[0]);
            _options = _options with { Data = _options.Data with { Columns = kinds } };
        }
        else if (path.StartsWith(EncodingsPrefix, StringComparison.Ordinal) && path.LastIndexOf('.') is var dot && dot > EncodingsPrefix.Length)
        {
            var (name, own) = (path[EncodingsPrefix.Length..dot], path[(dot + 1)..]);
            var columns = _options.Encoding.Columns;
            if (Apply(OptionCatalog.Column, columns.GetValueOrDefault(name) ?? new(), path, own, values, isList) is not { } column) return;
            _options = _options with { Encoding = _options.Encoding with { Columns = columns.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItem(name, column) } };
        }
        else _options = Apply(OptionCatalog.Run, _options, path, path, values, isList) ?? _options;
    }

    /// <summary>The record with the option set, or null with a problem noted.</summary>
    private T? Apply<T>(OptionEntry<T>[] catalog, T record, string path, string name, string[] values, bool isList) where T : class
    {
        var option = Array.Find(catalog, o => o.Path == name);
        if (option is null || option.Type == typeof(IReadOnlyDictionary<string, string>))
        {
            _problems.Add(IsSection(path)
                ? $"{path}: is a section; set one of its options, e.g. {Paths.FirstOrDefault(p => p.StartsWith(path + ".", StringComparison.Ordinal)) ?? path + ".NAME"}."
                : $"{path}: There is no such option.{NearestName.Hint(name, catalog.Select(o => o.Path))} `attune schema` lists all.");
            return null;
        }
        object? value;
        string expected;
        var fits = isList ? OptionValue.TryParseList(option.Type, values, out value, out expected) : OptionValue.TryParse(option.Type, values[0], out value, out expected);
        if (fits) return option.Set(record, value);
        _problems.Add(isList ? $"{path}: has to be {expected}; got a list of {values.Length}." : $"{path}: has to be {expected}; got '{values[0]}'.");
        return null;
    }

    private static bool IsSection(string path) => path == Encodings || path + "." == KindsPrefix || Paths.Any(p => p.StartsWith(path + ".", StringComparison.Ordinal));

    private static JsonNode? At(JsonObject tree, string path)
    {
        JsonNode? node = tree;
        foreach (var part in path.Split('.')) node = node?[part];
        return node;
    }

    private static JsonObject Properties(JsonObject root, string[] sections)
    {
        var at = root;
        foreach (var section in sections)
        {
            var properties = (at["properties"] ??= new JsonObject()).AsObject();
            at = (properties[section] ??= new JsonObject { ["type"] = "object", ["additionalProperties"] = false }).AsObject();
        }
        return (at["properties"] ??= new JsonObject()).AsObject();
    }
}
