using Attune.Data;
using Attune.Randomness;
using Attune.Tests.Runs;
using Attune.Text;

namespace Attune.Tests.Data;

public sealed class TokenTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.Folder();
    private readonly Tokenizer _tokenizer;

    public TokenTableTests()
    {
        var file = Path.Combine(_folder.Path, "tokenizer.json");
        SmallTexts.WriteTokenizer(file);
        _tokenizer = Tokenizer.Load(file);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Entities_become_tags_of_the_words_that_they_touch()
    {
        // "dog" twice in one entity, a word that an entity cuts, punctuation as a word of its own.
        var table = Read("""{"text": "my dog box, bread", "intent": "x", "entities": [{"start": 12, "end": 15, "label": "FOOD", "text": "bre"}, {"start": 3, "end": 10, "label": "PET"}]}""");
        Assert.Equal(["O", "B-PET", "I-PET", "O", "B-FOOD"], Tags(table));
        Assert.Equal("FOOD;PET", table[TokenColumns.Types].Text(0));
        Assert.Contains("1 entities begin or end within a word", Assert.Single(table.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Letters_outside_of_the_plane_keep_their_place()
    {
        var table = Read("{\"text\": \"\U0001F600 dog\", \"entities\": [{\"start\": 3, \"end\": 6, \"label\": \"PET\"}]}");
        Assert.Equal(["O", "B-PET"], Tags(table));
        Assert.Empty(table.Notices);
    }

    [Fact]
    public void Tags_of_the_older_kind_are_repaired_and_plain_ones_stay()
    {
        Assert.Equal(["B-A", "I-A", "B-B", "O", "B-B", "B-B"], Tags(Read("""{"tokens": ["my", "dog", "box", "the", "tea", "bread"], "tags": ["I-A", "I-A", "I-B", "O", "I-B", "B-B"]}""")));
        Assert.Equal(["DET", "I-X"], Tags(Read("""{"tokens": ["my", "dog"], "tags": ["DET", "I-X"]}""")));
    }

    [Fact]
    public void Words_that_are_cut_or_vanish_have_no_tags_and_rows_without_words_are_left_out()
    {
        var table = Read("""{"tokens": ["my", "", "dog", "tea"], "tags": ["B-A", "I-A", "I-A", "O"]}""" + "\n\n" + """{"tokens": [], "tags": []}""", maxLength: 4);
        Assert.Equal(1, table.Rows);
        Assert.Equal(["B-A", "I-A"], Tags(table));
        Assert.Equal(2, table.Notices.Count);
    }

    [Theory]
    [InlineData("[1]", "array")]
    [InlineData("{\"tokens\": [\"a\"]", "no JSON")]
    [InlineData("{\"words\": [\"a\"]}", "neither")]
    [InlineData("{\"tokens\": [\"a\"]}", "\"tags\" is missing")]
    [InlineData("{\"tokens\": [\"a\", \"b\"], \"tags\": [\"O\"]}", "2 tokens and 1 tags")]
    [InlineData("{\"tokens\": [\"a\", 3], \"tags\": [\"O\", \"O\"]}", "a number")]
    [InlineData("{\"tokens\": [\"a\"], \"tags\": [\"\"]}", "empty")]
    [InlineData("{\"tokens\": null, \"tags\": [\"O\"]}", "null")]
    [InlineData("{\"text\": 5, \"entities\": []}", "a number")]
    [InlineData("{\"text\": \"dog\", \"entities\": {}}", "an object")]
    [InlineData("{\"text\": \"dog\", \"entities\": [{\"start\": 0, \"end\": 4, \"label\": \"A\"}]}", "no piece")]
    [InlineData("{\"text\": \"dog\", \"entities\": [{\"start\": -1, \"end\": 2, \"label\": \"A\"}]}", "no piece")]
    [InlineData("{\"text\": \"dog\", \"entities\": [{\"start\": 2, \"end\": 2, \"label\": \"A\"}]}", "no piece")]
    [InlineData("{\"text\": \"dog\", \"entities\": [{\"start\": 0.5, \"end\": 2, \"label\": \"A\"}]}", "whole number")]
    [InlineData("{\"text\": \"dog\", \"entities\": [{\"start\": 99999999999, \"end\": 2, \"label\": \"A\"}]}", "whole number")]
    [InlineData("{\"text\": \"dog\", \"entities\": [{\"start\": 0, \"end\": 2}]}", "\"label\" is missing")]
    [InlineData("{\"text\": \"my dog\", \"entities\": [{\"start\": 0, \"end\": 4, \"label\": \"A\"}, {\"start\": 3, \"end\": 6, \"label\": \"B\"}]}", "overlap")]
    [InlineData("{\"text\": \"\\ud800\", \"entities\": []}", "cannot be read")]
    public void A_bad_line_is_refused_with_its_number(string line, string message)
    {
        var error = Assert.Throws<DataFormatException>(() => Read("""{"tokens": ["my"], "tags": ["O"]}""" + "\n\n" + line));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_give_rows_or_a_reason()
    {
        var good = System.Text.Encoding.UTF8.GetBytes(File.ReadAllText(SmallTexts.WriteTagged(_folder.Path, 6)));
        var stream = new Philox(5, "damage");
        var draw = 0UL;
        for (var round = 0; round < 300; round++)
        {
            var bytes = good.ToArray();
            for (var hits = 1 + (int)stream.Below(draw++, 4); hits > 0; hits--) bytes[(int)stream.Below(draw++, bytes.Length)] = (byte)stream.Below(draw++, 256);
            if (round % 5 == 0) bytes = bytes[..(int)stream.Below(draw++, bytes.Length)];
            var path = Path.Combine(_folder.Path, "damaged.jsonl");
            File.WriteAllBytes(path, bytes);
            try { Assert.True(TokenTable.Read(path, _tokenizer, 32, labelled: round % 2 == 0).Rows > 0); }
            catch (DataFormatException e) { Assert.NotEmpty(e.Message); }
        }
    }

    private static string[] Tags(Table table) => WordList.Read(table[TokenColumns.Tags].Text(0));

    private Table Read(string lines, int maxLength = 64) => TokenTable.Read(_folder.Write("data.jsonl", lines), _tokenizer, maxLength, labelled: true);
}
