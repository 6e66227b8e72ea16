using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>Tells from types and names what each input of a network of texts holds.</summary>
internal static class TokenFields
{
    /// <summary>Reads a graph's token inputs from their types and names; null when it has none.</summary>
    public static IReadOnlyDictionary<string, TokenField>? Of(Graph graph)
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
