using Attune.Encoding;
using Attune.Graphs;
using Attune.Text;

namespace Attune.Runs;

/// <summary>What a starting model of texts brings beside its network.</summary>
/// <param name="Tokenizer">From text to ids.</param>
/// <param name="Settings">Longest sequence, padding, graph inputs.</param>
internal sealed record TextStart(Tokenizer Tokenizer, TextSettings Settings)
{
    /// <summary>The tokenizer of an ONNX file: <c>NAME.tokenizer.json</c>, <c>tokenizer.json</c>, a vocabulary or a SentencePiece <c>.model</c> beside it; null when there is none.</summary>
    public static string? TokenizerBeside(string onnx)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(onnx))!;
        if (new[] { Path.GetFileNameWithoutExtension(onnx) + ".tokenizer.json", "tokenizer.json" }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } file) return file;
        return File.Exists(Path.Combine(folder, "vocab.txt")) || File.Exists(Path.Combine(folder, "vocab.json")) ? folder : Directory.EnumerateFiles(folder, "*.model").FirstOrDefault();
    }

    /// <summary>Reads a graph's token inputs from their types and names; null when it has none.</summary>
    public static IReadOnlyDictionary<string, TokenField>? FieldsOf(Graph graph)
    {
        var fields = new Dictionary<string, TokenField>(StringComparer.Ordinal);
        foreach (var input in graph.Inputs)
        {
            if (input is { Name: TextSettings.SelectedName, Type: DataType.Int64, Shape.Rank: 1 })
            {
                fields.Add(input.Name, TokenField.Selected);
                continue;
            }
            if (input.Shape is not { Rank: 2 }) return null;
            if (FieldOf(input) is not { } field) return null;
            fields.Add(input.Name, field);
        }
        return fields.Values.Count(f => f == TokenField.Ids) == 1 ? fields : null;
    }

    private static TokenField? FieldOf(ValueInfo input)
    {
        bool Has(string word) => input.Name.Contains(word, StringComparison.OrdinalIgnoreCase);
        if (Has("mask")) return TokenField.Mask;   // any number type
        if (input.Type is not (DataType.Int64 or DataType.Int32)) return null;
        if (Has("type") || Has("segment")) return TokenField.Types;
        return Has("position") ? TokenField.Positions : TokenField.Ids;
    }
}
