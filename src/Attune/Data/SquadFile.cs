using System.Globalization;
using System.Text.Json;
using Attune.Text;

namespace Attune.Data;

/// <summary>
/// Reads questions about texts in SQuAD's JSON, versions 1.1 and 2.0: <c>data</c> → <c>paragraphs</c> → <c>context</c> and <c>qas</c> with <c>id</c>, <c>question</c>, <c>answers</c> of <c>text</c> and
/// <c>answer_start</c> (in code points, as Python counts), and <c>is_impossible</c>. The table has the columns of <see cref="QuestionColumns"/>.
/// </summary>
public static class SquadFile
{
    private const long MaxFile = 1L << 31;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labelled">Whether answers are read; without, they are not looked at.</param>
    /// <exception cref="DataFormatException">It is no such file; names the question.</exception>
    public static Table Read(string path, bool labelled)
    {
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "There is no such file. Questions are one file of SQuAD's JSON.");
        if (new FileInfo(path).Length > MaxFile) throw new DataFormatException(path, null, null, "The file is larger than 2 GB. Divide it.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
            var reader = new Reader(path, labelled);
            reader.Add(document.RootElement);
            return reader.ToTable();
        }
        catch (JsonException e)
        {
            throw new DataFormatException(path, e.LineNumber + 1, null, $"This is no JSON: {e.Message.Split(" LineNumber")[0]} Questions are one file of SQuAD's JSON.", e);
        }
        catch (InvalidOperationException e)   // half a surrogate pair, which is no text
        {
            throw new DataFormatException(path, null, null, $"A text cannot be read: {e.Message}", e);
        }
    }

    private sealed class Reader(string path, bool labelled)
    {
        private readonly List<(string Id, string Question, string Context, string[] Answers, int[] Starts)> _rows = [];
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
        private int _moved;

        public void Add(JsonElement root)
        {
            foreach (var article in Items(root, "data", "the file"))
            {
                foreach (var paragraph in Items(article, "paragraphs", "an article"))
                {
                    var context = Text(paragraph, "context", "a paragraph");
                    foreach (var question in Items(paragraph, "qas", "a paragraph")) AddQuestion(question, context);
                }
            }
        }

        private void AddQuestion(JsonElement question, string context)
        {
            var id = Text(question, "id", "a question");
            var place = $"question '{(id.Length > 60 ? id[..60] + "…" : id)}'";
            if (!_ids.Add(id)) throw Bad($"The id '{id}' stands twice; predictions have it as their key. Give every question its own.");
            var text = Text(question, "question", place);
            var (answers, starts) = (new List<string>(), new List<int>());
            var isImpossible = question.TryGetProperty("is_impossible", out var flag) && flag.ValueKind == JsonValueKind.True;
            if (labelled && !isImpossible)
            {
                foreach (var answer in Items(question, "answers", place))
                {
                    var words = Text(answer, "text", place);
                    if (words.Length == 0) throw Bad($"An answer of {place} is empty. A question without an answer has an empty list \"answers\", or \"is_impossible\": true.");
                    if (!answer.TryGetProperty("answer_start", out var at) || at.ValueKind != JsonValueKind.Number || !at.TryGetInt32(out var start)) throw Bad($"\"answer_start\" of {place} has to be a whole number.");
                    answers.Add(words);
                    starts.Add(PlaceOf(context, words, start, place));
                }
            }
            _rows.Add((id, text, context, [.. answers], [.. starts]));
        }

        // Given in code points; files that count otherwise, or are off by a few, are put right by the nearest place where the answer stands.
        private int PlaceOf(string context, string answer, int start, string place)
        {
            var unit = 0;
            for (var left = start; left > 0 && unit < context.Length; left--) unit += char.IsHighSurrogate(context[unit]) && unit + 1 < context.Length ? 2 : 1;
            if (start >= 0 && string.CompareOrdinal(context, unit, answer, 0, answer.Length) == 0) return unit;
            var (best, nearest) = (-1, int.MaxValue);
            for (var at = context.IndexOf(answer, StringComparison.Ordinal); at >= 0; at = at + 1 < context.Length ? context.IndexOf(answer, at + 1, StringComparison.Ordinal) : -1)
            {
                if (Math.Abs(at - unit) < nearest) (best, nearest) = (at, Math.Abs(at - unit));
            }
            if (best < 0) throw Bad($"The answer '{(answer.Length > 60 ? answer[..60] + "…" : answer)}' of {place} does not stand in its text. Answers are pieces of the text, word for word.");
            _moved++;
            return best;
        }

        private JsonElement.ArrayEnumerator Items(JsonElement parent, string key, string place)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(key, out var array) || array.ValueKind != JsonValueKind.Array) throw Bad($"{char.ToUpperInvariant(place[0])}{place[1..]} has no list \"{key}\". Questions are one file of SQuAD's JSON: data, paragraphs, qas.");
            return array.EnumerateArray();
        }

        private string Text(JsonElement parent, string key, string place)
            => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad($"{char.ToUpperInvariant(place[0])}{place[1..]} has no text \"{key}\".");

        private DataFormatException Bad(string problem) => new(path, null, null, problem);

        public Table ToTable()
        {
            if (_rows.Count == 0) throw Bad("The file holds no question.");
            List<Column> columns =
            [
                TextColumn.Of(QuestionColumns.Id, _rows.Select(r => r.Id)),
                TextColumn.Of(QuestionColumns.Question, _rows.Select(r => r.Question)),
                TextColumn.Of(QuestionColumns.Context, _rows.Select(r => r.Context)),
            ];
            if (labelled)
            {
                columns.Add(TextColumn.Of(QuestionColumns.Answers, _rows.Select(r => WordList.Write(r.Answers))));
                columns.Add(TextColumn.Of(QuestionColumns.Starts, _rows.Select(r => WordList.Write(r.Starts.Select(s => s.ToString(CultureInfo.InvariantCulture))))));
            }
            return new Table(path, _rows.Count, columns)
            {
                Schema = [.. columns.Select(c => new ColumnSchema(c.Name, ColumnKind.Text, "questions"))],
                Notices = _moved == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{_moved:N0} answers do not stand where \"answer_start\" says; the nearest place where each stands is taken.")],
            };
        }
    }
}
