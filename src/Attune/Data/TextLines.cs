using System.Text;

namespace Attune.Data;

/// <summary>Reads a plain text file as a table: a text a line, in the column <see cref="ColumnName"/>; lines without a letter are passed over.</summary>
public static class TextLines
{
    /// <summary>Name of the only column.</summary>
    public const string ColumnName = "text";

    /// <summary>Whether a path names such a file.</summary>
    public static bool Is(string path) => path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">The file is missing, no UTF-8, or holds no text.</exception>
    public static Table Read(string path)
    {
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "There is no such file. Check the path; a plain text file has a text a line.");
        var (texts, lines, line) = (new List<string>(), new List<long>(), 0L);
        try
        {
            foreach (var text in File.ReadLines(path, new UTF8Encoding(false, throwOnInvalidBytes: true)))
            {
                line++;
                if (string.IsNullOrWhiteSpace(text)) continue;
                texts.Add(text);
                lines.Add(line);
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new DataFormatException(path, line + 1, null, "The file is no UTF-8 here or soon after. Save it as UTF-8.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, null, null, $"The file cannot be opened: {e.Message}", e);
        }
        if (texts.Count == 0) throw new DataFormatException(path, null, null, "The file holds no text.");
        var column = TextColumn.Of(ColumnName, texts);
        return new Table(path, texts.Count, [column]) { LineOfRow = row => lines[row], Schema = [new ColumnSchema(ColumnName, ColumnKind.Text, "a text a line")] };
    }
}
