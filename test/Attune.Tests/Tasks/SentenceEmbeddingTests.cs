using Attune.Data;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Tests.Tasks;

public sealed class SentenceEmbeddingTests
{
    [Fact]
    public void Documents_come_back_as_they_were()
    {
        foreach (var task in new[] { new SentenceEmbedding(["a", "b"], 4), new SentenceEmbedding(["a", "b", "c"], 384), new SentenceEmbedding(["a", "b"], 8, "s", 5) })
        {
            var back = (SentenceEmbedding)TaskDocument.FromJson(task.ToDocument().ToJson(), "f").ToTask("f");
            Assert.Equal((task.OutputWidth, task.Score, task.Divisor, task.Target), (back.OutputWidth, back.Score, back.Divisor, back.Target));
            Assert.Equal(task.Texts, back.Texts);
        }
    }

    [Theory]
    [InlineData("""{"name":"embedding","target":"b","texts":["a"],"width":4}""", "texts")]
    [InlineData("""{"name":"embedding","target":"b","texts":["a","a"],"width":4}""", "texts")]
    [InlineData("""{"name":"embedding","target":"b","texts":["a","b"],"width":0}""", "width")]
    [InlineData("""{"name":"embedding","target":"c","texts":["a","b"],"width":4}""", "target")]
    [InlineData("""{"name":"embedding","target":"s","texts":["a","b"],"width":4,"divisor":0}""", "divisor")]
    [InlineData("""{"name":"embedding","target":"b","texts":["a","b"],"width":4,"divisor":1}""", "texts")]
    public void A_damaged_document_is_refused_by_its_property(string json, string property)
        => Assert.Contains("task." + property, Assert.Throws<DataFormatException>(() => TaskDocument.FromJson(json, "f").ToTask("f")).Message, StringComparison.Ordinal);

    [Fact]
    public void Equal_texts_have_equal_numbers_and_scores_are_divided()
    {
        var table = new Table("t", 3, [Texts("a", "x", "y", "x"), Texts("b", "p", "x", "p"), new NumericColumn("s", [0, 2.5, 5])]);
        Assert.Equal([0, 2, 1, 0, 0, 2], new SentenceEmbedding(["a", "b"], 4).Encode(table).Labels!);
        Assert.Equal([0, 0, 0.5f, 0.5f, 1, 1], new SentenceEmbedding(["a", "b"], 4, "s", 5).Encode(table).Values!);
        Assert.Contains("outside", Assert.Throws<DataFormatException>(() => new SentenceEmbedding(["a", "b"], 4, "s").Encode(table)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_positive_of_an_anchor_is_a_right_answer_and_equal_ones_are_one_candidate()
    {
        // Rows: (0 → 1), (0 → 2), (3 → 1).
        float[] vectors = [1, 0, 0.9f, 0.1f, 1, 0, 0, 1, 0.1f, 1, 0.9f, 0.1f];
        var scores = RankingScores.Of([0, 1, 0, 2, 3, 1], vectors, 2, 2);
        Assert.Equal(2, scores.Candidates);
        Assert.Equal([1, 2], scores.Places(0));
        Assert.Equal([1, 2], scores.Places(1));
        Assert.Equal([2], scores.Places(2));   // the other candidate points the anchor's way
    }

    [Fact]
    public void A_collapsed_encoder_finds_nothing()
    {
        int[] texts = [.. Enumerable.Range(0, 20)];
        foreach (var value in new[] { 1f, 0f, float.NaN })
        {
            var scores = RankingScores.Of(texts, Enumerable.Repeat(value, 60).ToArray(), 3, 2);
            Assert.All(Enumerable.Range(0, 10), row => Assert.Equal([10], scores.Places(row)));
        }
    }

    private static TextColumn Texts(string name, params string[] cells)
    {
        string[] words = [.. cells.Distinct()];
        return new TextColumn(name, [.. cells.Select(c => Array.IndexOf(words, c))], words);
    }
}
