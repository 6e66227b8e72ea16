using Attune.Batching.Augmentation;
using Attune.Encoding;
using Attune.Randomness;
using Attune.Tests.Runs;
using Attune.Text;

namespace Attune.Tests.Batching;

public sealed class WordEditsTests
{
    private const string Text = "The Coffee was good, not great; don't buy it!";

    [Fact]
    public void Nothing_asked_leaves_the_text() => Assert.All(Views(new WordEdits(0, 0, null, 0.1)), made => Assert.Equal(Text, made));

    [Fact]
    public void Deletion_leaves_out_the_share_and_never_every_word()
    {
        var edits = new WordEdits(0.3, 0, null, 0.1);
        var kept = Views(edits, 2000).Sum(WordCount);
        Assert.InRange(kept / (2000.0 * WordCount(Text)), 0.68, 0.72);
        Assert.All(Views(new WordEdits(0.99, 0, null, 0.1), 300), made => Assert.True(WordCount(made) >= 1, made));
        Assert.All(Views(edits), made => Assert.DoesNotContain("  ", made, StringComparison.Ordinal));
        Assert.Equal("…!", new WordEdits(0.9, 0, null, 0.1).Apply("…!", default));   // no word at all
    }

    [Fact]
    public void Swaps_keep_the_words_and_the_punctuation()
    {
        var edits = new WordEdits(0, 0.3, null, 0.1);
        var made = Views(edits, 50);
        Assert.All(made, m => Assert.Equal(Words(Text).Order(StringComparer.Ordinal), Words(m).Order(StringComparer.Ordinal)));
        Assert.All(made, m => Assert.Equal(",;!", string.Concat(m.Where(c => c is ',' or ';' or '!'))));
        Assert.True(made.Distinct().Count() > 20);
    }

    [Fact]
    public void Synonyms_come_from_the_list_and_keep_capitals()
    {
        using var folder = TestFiles.Folder();
        var list = SynonymList.Read(folder.Write("synonyms.txt", "# drinks\ncoffee, java; espresso\n\ngood\tfine\nnot great, poor\n"));
        Assert.Equal(7, list.Count);
        Assert.Equal(["java", "espresso"], list.Of("COFFEE"));
        Assert.All(Views(new WordEdits(0, 0, list, 1)), m => Assert.Matches("^The (Java|Espresso) was fine, not great; don't buy it!$", m));
        Assert.Equal("JAVA", SynonymList.Like("java", "COFFEE"));
        Assert.InRange(Views(new WordEdits(0, 0, list, 0.25), 2000).Count(m => m.Contains("fine", StringComparison.Ordinal)), 440, 560);
        Assert.Contains("stands alone", Assert.Throws<DataFormatException>(() => SynonymList.Read(folder.Write("bad.txt", "a,b\nalone\n"))).Message, StringComparison.Ordinal);
        Assert.Contains("no synonyms", Assert.Throws<DataFormatException>(() => SynonymList.Read(folder.Write("none.txt", "#\n\n"))).Message, StringComparison.Ordinal);
        Assert.Contains("synonyms", Assert.Throws<DataFormatException>(() => SynonymList.Read(Path.Combine(folder.Path, "no.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_survives()
    {
        using var folder = TestFiles.Folder();
        var edits = new WordEdits(0.3, 0.3, SynonymList.Read(folder.Write("s.txt", "a,b\n")), 1);
        var stream = new Philox(1, "any");
        string[] parts = ["a", " ", "-", "'", "\u0301", "\ud83d", "\ude00", "漢字", "\0", "\n", "B", ",", "’s"];
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, i % 17).Select(k => parts[stream.Below((ulong)(i * 17 + k), parts.Length)]));
            Assert.NotNull(edits.Apply(text, new Philox(2, "edit", i)));
        }
        Assert.True(edits.Apply(string.Concat(Enumerable.Repeat("word ", 400_000)), default).Length > 1_000_000);
    }

    [Fact]
    public void Tokens_are_replaced_in_their_share_and_follow_from_seed_view_and_sequence()
    {
        using var folder = TestFiles.Folder();
        SmallTexts.WriteTokenizer(Path.Combine(folder.Path, "tokenizer.json"));
        var tokenizer = Tokenizer.Load(folder.Path);
        var plain = Sequences(tokenizer, "the coffee was very good and my dog came today with bread", "good");
        var rule = new MaskingRule(4, tokenizer.SpecialIds, tokenizer.LargestId, 0.3, 5);
        var (a, b) = (new ReplacedTokens(plain, rule), new ReplacedTokens(plain, rule));
        Assert.Equal(Ids(plain, 0, -1), Ids(a, 0, -1));
        var (masked, words) = (0, 0);
        for (var view = 0; view < 1000; view++)
        {
            var ids = Ids(a, 0, view);
            (masked, words) = (masked + ids.Count(id => id == 4), words + ids.Length - 2);
            Assert.Equal((2, 3), (ids[0], ids[^1]));
            Assert.DoesNotContain(4L, Ids(a, 1, view));   // the only word stays
        }
        Assert.InRange((double)masked / words, 0.28, 0.32);
        foreach (var view in new[] { 9, 2, 9 }) Assert.Equal(Ids(a, 0, view), Ids(b, 0, view));
        Assert.NotEqual(Ids(a, 0, 1), Ids(a, 0, 2));
        var edited = new EditedTexts(plain, ["the coffee was very good and my dog came today with bread", "good"], null, tokenizer, 8, new WordEdits(0.2, 0.2, null, 0.1), 5);
        Assert.Equal(Ids(plain, 0, -1), Ids(edited, 0, -1));
        Assert.Equal(8, Enumerable.Range(0, 20).Max(view => edited.LengthOf(0, view)));    // cut as any text
        Assert.True(Enumerable.Range(0, 20).Select(view => string.Join(' ', Ids(edited, 0, view))).Distinct().Count() > 10);
    }

    private static TokenSequences Sequences(Tokenizer tokenizer, params string[] texts)
    {
        var encoded = texts.Select(t => tokenizer.Encode(t)).ToList();
        long[] starts = [0, .. encoded.Select((_, i) => (long)encoded.Take(i + 1).Sum(e => e.Ids.Length))];
        return new TokenSequences(1, [.. encoded.SelectMany(e => e.Ids)], null, starts, new TokenPadding(0, 64));
    }

    private static long[] Ids(TokenSource source, int sequence, int view)
    {
        var ids = new long[source.LengthOf(sequence, view)];
        source.ReadIds(sequence, view, ids);
        return ids;
    }

    private static List<string> Views(WordEdits edits, int count = 20) => [.. Enumerable.Range(0, count).Select(view => edits.Apply(Text, new Philox(3, "test", view)))];

    private static string[] Words(string text) => text.Split([' ', ',', ';', '!'], StringSplitOptions.RemoveEmptyEntries);

    private static int WordCount(string text) => Words(text).Length;
}
