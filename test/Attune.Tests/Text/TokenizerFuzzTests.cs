using System.Text;
using System.Text.Json.Nodes;
using Attune.Text;

namespace Attune.Tests.Text;

public class TokenizerFuzzTests
{
    [Fact]
    public void Any_text_gives_rows_whose_offsets_lie_in_it()
    {
        foreach (var (name, folder) in TokenizerFixtures.All())
        {
            var tokenizer = Tokenizer.Load(folder);
            var random = new Random(11);
            for (var i = 0; i < 150; i++)
            {
                var text = TokenizerFixtures.RandomText(random, random.Next(80));
                var row = tokenizer.Encode(text);
                for (var t = 0; t < row.Length; t++)
                {
                    Assert.True(row.Offsets[t].Start >= 0 && row.Offsets[t].End <= text.Length, $"{name}: {row.Offsets[t]} in {text.Length}");
                    Assert.InRange(row.Ids[t], 0, tokenizer.LargestId);
                }
                Assert.Equal(row.Length, row.Tokens.Count);
                _ = row.CodePointOffsets;
                tokenizer.Decode(row.Ids);
            }
        }
    }

    [Fact]
    public void The_same_text_has_the_same_tokens_with_and_without_the_cache()
    {
        foreach (var (_, folder) in TokenizerFixtures.All())
        {
            var (warm, random) = (Tokenizer.Load(folder), new Random(3));
            string[] texts = [.. Enumerable.Range(0, 60).Select(_ => TokenizerFixtures.RandomText(random, 60))];
            warm.EncodeBatch(texts);
            var cold = Tokenizer.Load(folder);
            foreach (var text in texts) Assert.Equal(cold.Encode(text).Ids, warm.Encode(text).Ids);
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("ab1 ")]
    [InlineData("\u0301")]
    [InlineData("\uD83D\uDE80")]
    [InlineData("\0")]
    [InlineData("'")]
    [InlineData("[CLS]")]
    [InlineData("\r\n")]
    public void Two_megabytes_on_one_line_are_tokens_soon(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 20) / unit.Length));
        foreach (var (_, folder) in TokenizerFixtures.All())
        {
            var row = Tokenizer.Load(folder).Encode(text);
            Assert.True(row.Length <= 4 * text.Length + 2);
        }
    }

    [Fact]
    public void A_damaged_tokenizer_json_is_an_error_with_a_reason()
    {
        foreach (var (_, folder) in TokenizerFixtures.All().Take(4))
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, "tokenizer.json"));
            var random = new Random(17);
            for (var i = 0; i < 40; i++)
            {
                var damaged = (byte[])bytes.Clone();
                for (var k = 0; k < 3; k++) damaged[random.Next(Math.Min(damaged.Length, 6000))] = (byte)random.Next(256);
                if (i % 4 == 0) damaged = damaged[..random.Next(damaged.Length)];
                LoadsOrSaysWhy(damaged);
            }
        }
    }

    [Fact]
    public void A_tokenizer_json_with_values_of_other_kinds_is_an_error_with_a_reason()
    {
        var folder = TokenizerFixtures.All().First(t => t.Name is "added-token-flags").Folder;
        var random = new Random(23);
        for (var i = 0; i < 400; i++)
        {
            var json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")))!;
            Mutate(json, random);
            LoadsOrSaysWhy(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
        }
    }

    [Theory]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"normalizer":NEST}""", "\"Sequence\",\"normalizers\":[")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"pre_tokenizer":NEST}""", "\"Sequence\",\"pretokenizers\":[")]
    public void Endless_nesting_is_refused(string frame, string level)
    {
        var nest = string.Concat(Enumerable.Repeat($"{{\"type\":{level}", 100_000));
        var error = Assert.Throws<DataFormatException>(() => Tokenizer.FromJson(System.Text.Encoding.UTF8.GetBytes(frame.Replace("NEST", nest, StringComparison.Ordinal))));
        Assert.Contains("no valid JSON", error.Message);
    }

    [Fact]
    public void A_chain_of_replacements_that_grows_without_bound_is_stopped()
    {
        var grow = new { type = "Replace", pattern = new { String = "a" }, content = new string('a', 1000) };
        var tokenizer = TokenizerFixtures.Json(new { type = "WordLevel", vocab = new Dictionary<string, int> { ["a"] = 0 }, unk_token = "a" },
            new() { ["normalizer"] = new { type = "Sequence", normalizers = Enumerable.Repeat(grow, 50) } });
        Assert.Contains("makes this text longer than", Assert.Throws<TokenizationException>(() => tokenizer.Encode("a")).Message);
    }

    [Fact]
    public void Dropout_is_refused()
    {
        var error = Assert.Throws<DataFormatException>(() => TokenizerFixtures.Json(new { type = "BPE", dropout = 0.1, vocab = new Dictionary<string, int> { ["a"] = 0 }, merges = Array.Empty<string>() }));
        Assert.Contains("the same text has other tokens each time", error.Message);
    }

    [Fact]
    public void A_damaged_sentencepiece_file_is_an_error_with_a_reason()
    {
        using var folder = TestFiles.Folder();
        var bytes = TokenizerFixtures.SentencePiece([("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("\u2581good", -1, 1), ("a", -2, 1)], charsMap: [8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 97, 0]);
        var random = new Random(29);
        for (var i = 0; i < 400; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var k = 0; k < 2; k++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (i % 3 == 0) damaged = damaged[..random.Next(damaged.Length)];
            var path = folder.Write("any.model", damaged);
            SaysWhy(() => Tokenizer.Load(path));
        }
        Assert.Contains("Git LFS", Assert.Throws<DataFormatException>(() => Tokenizer.Load(folder.Write("pointer.model", "version https://git-lfs.github.com/spec/v1\n"))).Message);
    }

    private static void LoadsOrSaysWhy(byte[] json) => SaysWhy(() => Tokenizer.FromJson(json));

    private static void SaysWhy(Func<Tokenizer> load)
    {
        try
        {
            var row = load().Encode("The good food \u00E9\u4E2D [CLS] don't", "pair", new EncodeOptions { MaxLength = 12, ReturnOverflow = true });
            _ = row.Tokens;
        }
        catch (Exception e) when (e is DataFormatException or TokenizationException) { Assert.NotEmpty(e.Message); }
    }

    private static void Mutate(JsonNode root, Random random)
    {
        var places = new List<(JsonNode Parent, object Key)>();
        Collect(root, places);
        var (parent, key) = places[random.Next(places.Count)];
        JsonNode? value = random.Next(8) switch
        {
            0 => null, 1 => -1, 2 => 4_000_000_000L, 3 => "x", 4 => new JsonArray(), 5 => new JsonObject(), 6 => true, _ => 0.5,
        };
        if (parent is JsonObject map) map[(string)key] = value;
        else ((JsonArray)parent)[(int)key] = value;
    }

    private static void Collect(JsonNode node, List<(JsonNode, object)> places)
    {
        if (node is JsonObject map)
        {
            foreach (var (name, child) in map)
            {
                places.Add((node, name));
                if (child is not null && name != "vocab") Collect(child, places);
            }
        }
        else if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                places.Add((node, i));
                if (list[i] is { } child) Collect(child, places);
            }
        }
    }
}
