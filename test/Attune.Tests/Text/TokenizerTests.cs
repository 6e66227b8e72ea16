using Attune.Text;

namespace Attune.Tests.Text;

public class TokenizerTests
{
    [Fact]
    public void A_row_has_ids_offsets_words_and_masks()
    {
        using var folder = TestFiles.Folder();
        var row = TokenizerFixtures.Bert(folder).Encode("The  Goodness, CAF\u00C9!");
        Assert.Equal(["[CLS]", "the", "good", "##ness", ",", "caf", "##e", "!", "[SEP]"], row.Tokens);
        Assert.Equal([2, 5, 6, 7, 14, 16, 17, 18, 3], row.Ids);
        Assert.Equal([(0, 0), (0, 3), (5, 9), (9, 13), (13, 14), (15, 18), (18, 19), (19, 20), (0, 0)], row.Offsets.Select(o => (o.Start, o.End)));
        Assert.Equal([-1, 0, 1, 1, 2, 3, 3, 4, -1], row.WordIds);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 1], row.SpecialTokensMask);
        Assert.Equal(Enumerable.Repeat(1, 9), row.AttentionMask);
    }

    [Fact]
    public void A_pair_has_types_and_sequences()
    {
        using var folder = TestFiles.Folder();
        var row = TokenizerFixtures.Bert(folder).Encode("good", "bad food");
        Assert.Equal(["[CLS]", "good", "[SEP]", "bad", "food", "[SEP]"], row.Tokens);
        Assert.Equal([0, 0, 0, 1, 1, 1], row.TypeIds);
        Assert.Equal([-1, 0, -1, 1, 1, -1], row.SequenceIds);
    }

    [Fact]
    public void Words_keep_their_indices()
    {
        using var folder = TestFiles.Folder();
        var row = TokenizerFixtures.Bert(folder).EncodeWords(["goodness", "", "of", "food,"]);
        Assert.Equal(["[CLS]", "good", "##ness", "of", "food", ",", "[SEP]"], row.Tokens);
        Assert.Equal([-1, 0, 0, 2, 3, 3, -1], row.WordIds);
        Assert.Equal(new TokenOffset(4, 5), row.Offsets[5]);
    }

    [Fact]
    public void Offsets_count_units_and_code_points()
    {
        using var folder = TestFiles.Folder();
        var row = TokenizerFixtures.Bert(folder).Encode("\U0001F680 food");
        Assert.Equal((3, 7), (row.Offsets[2].Start, row.Offsets[2].End));
        Assert.Equal((2, 6), (row.CodePointOffsets[2].Start, row.CodePointOffsets[2].End));
    }

    [Fact]
    public void Truncation_keeps_the_limit_and_returns_the_rest_on_request()
    {
        using var folder = TestFiles.Folder();
        var tokenizer = TokenizerFixtures.Bert(folder);
        var options = new EncodeOptions { MaxLength = 5, Stride = 1, ReturnOverflow = true };
        var row = tokenizer.Encode("the good food of the bad", null, options);
        Assert.Equal(["[CLS]", "the", "good", "food", "[SEP]"], row.Tokens);
        Assert.Equal([["[CLS]", "food", "of", "the", "[SEP]"], ["[CLS]", "the", "bad", "[SEP]"]], row.Overflow.Select(o => o.Tokens));
        Assert.True(row.IsTruncated);
        Assert.Empty(tokenizer.Encode("the good food of the bad", null, options with { ReturnOverflow = false }).Overflow);
        Assert.Equal(["[CLS]", "of", "the", "bad", "[SEP]"], tokenizer.Encode("the good food of the bad", null, options with { TruncationSide = TextSide.Left }).Tokens);
        Assert.Equal(["[CLS]", "the", "[SEP]", "bad", "[SEP]"], tokenizer.Encode("the good", "bad food of", options with { Stride = 0 }).Tokens);
        Assert.Equal(["[CLS]", "[SEP]"], tokenizer.Encode("the", null, options with { MaxLength = 2 }).Tokens);
    }

    [Fact]
    public void Limits_that_cannot_be_kept_are_refused_with_a_reason()
    {
        using var folder = TestFiles.Folder();
        var tokenizer = TokenizerFixtures.Bert(folder);
        string Message(EncodeOptions options, string? pair = null) => Assert.Throws<TokenizationException>(() => tokenizer.Encode("the good food", pair, options)).Message;
        Assert.Equal("A row of at most 1 tokens has no room for the 2 special tokens of this tokenizer. Give a larger maximum length, or leave special tokens out.", Message(new() { MaxLength = 1 }));
        Assert.Equal("The second text has 1 tokens, too few to take away 2. Give a larger maximum length, or choose longest-first.", Message(new() { MaxLength = 5, Truncation = TruncationStrategy.OnlySecond }, "bad"));
        Assert.Contains("there is no second text", Message(new() { MaxLength = 3, Truncation = TruncationStrategy.OnlySecond }));
        Assert.Contains("A stride of 2 tokens needs parts of more tokens; here they have 1.", Message(new() { MaxLength = 3, Stride = 2 }));
    }

    [Fact]
    public void A_batch_is_padded_together_and_in_order()
    {
        using var folder = TestFiles.Folder();
        var tokenizer = TokenizerFixtures.Bert(folder);
        string[] texts = [.. Enumerable.Range(0, 500).Select(i => string.Join(' ', Enumerable.Repeat("good food", i % 7)))];
        var options = new EncodeOptions { Padding = PaddingStrategy.Longest, PadToMultipleOf = 8 };
        var rows = tokenizer.EncodeBatch(texts, null, options, threads: 3);
        Assert.All(rows, r => Assert.Equal(16, r.Length));
        Assert.Equal(texts.Select(t => tokenizer.Encode(t).Length), rows.Select(r => r.AttentionMask.Sum()));
        var left = tokenizer.Encode("food", null, options with { PaddingSide = TextSide.Left });
        Assert.Equal([0, 0, 0, 0, 0, 2, 9, 3], left.Ids);
        Assert.Equal([1, 1, 1, 1, 1, 1, 0, 1], left.SpecialTokensMask);
    }

    [Fact]
    public void The_first_row_that_cannot_be_encoded_is_the_one_reported()
    {
        var tokenizer = TokenizerFixtures.Json(new { type = "WordLevel", vocab = new Dictionary<string, int> { ["a"] = 0 }, unk_token = "?" }, new() { ["pre_tokenizer"] = new { type = "WhitespaceSplit" } });
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => i < 40 ? "a" : $"b{i}")];
        Assert.Contains("'b40'", Assert.Throws<TokenizationException>(() => tokenizer.EncodeBatch(texts)).Message);
    }

    [Fact]
    public void Decoding_undoes_encoding_and_leaves_special_tokens_out()
    {
        using var folder = TestFiles.Folder();
        var tokenizer = TokenizerFixtures.Bert(folder);
        var row = tokenizer.Encode("unbelievable, good food!");
        Assert.Equal("unbelievable, good food!", tokenizer.Decode(row.Ids));
        Assert.Equal("[CLS] unbelievable, good food! [SEP]", tokenizer.Decode(row.Ids, skipSpecialTokens: false));
        Assert.Equal("", tokenizer.Decode([12345, -1]));
    }

    [Fact]
    public void Roles_and_sizes_are_known()
    {
        using var folder = TestFiles.Folder();
        var tokenizer = TokenizerFixtures.Bert(folder);
        Assert.Equal((0, 1, 2, 3, 4), (tokenizer.PadId, tokenizer.UnknownId, tokenizer.ClassId, tokenizer.SeparatorId, tokenizer.MaskId));
        Assert.Equal([0, 1, 2, 3, 4], tokenizer.SpecialIds);
        Assert.Equal((22, 21), (tokenizer.VocabularySize, tokenizer.LargestId));
    }

    [Fact]
    public void A_lone_surrogate_counts_as_the_replacement_character()
    {
        using var folder = TestFiles.Folder();
        var row = TokenizerFixtures.Bert(folder).Encode("food\uD83D good \uDE80");
        Assert.Equal(["[CLS]", "food", "good", "[SEP]"], row.Tokens);
        Assert.Equal((6, 10), (row.CodePointOffsets[2].Start, row.CodePointOffsets[2].End));
    }

    [Fact]
    public void Combinations_of_cut_parts_are_bounded()
    {
        using var folder = TestFiles.Folder();
        var text = string.Join(' ', Enumerable.Repeat("food", 5000));
        var error = Assert.Throws<TokenizationException>(() => TokenizerFixtures.Bert(folder).Encode(text, text, new EncodeOptions { MaxLength = 5, ReturnOverflow = true }));
        Assert.Contains("more than 1000000 rows", error.Message);
    }
}
