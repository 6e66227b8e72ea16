using System.Text.Encodings.Web;
using System.Text.Json;

namespace Attune.Text;

/// <summary>A list of words in one cell of a table: a JSON array of strings.</summary>
public static class WordList
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The cell of some words.</summary>
    public static string Write(IEnumerable<string> words)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Plain))
        {
            writer.WriteStartArray();
            foreach (var word in words) writer.WriteStringValue(word);
            writer.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The words of a cell.</summary>
    /// <exception cref="FormatException">It holds something else.</exception>
    public static string[] Read(string cell)
    {
        try
        {
            using var json = JsonDocument.Parse(cell);
            return [.. json.RootElement.EnumerateArray().Select(word => word.GetString() ?? throw new FormatException("A word is null."))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"This is no JSON array of strings: {e.Message}", e);
        }
    }
}
