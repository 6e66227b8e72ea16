using Attune.Randomness;
using Attune.Text;
using Attune.Text.Training;

namespace Attune.Tests.Text;

/// <summary>Vocabularies that are learned from texts.</summary>
public sealed class WordPieceTrainerTests
{
    private static readonly string[] Sentences = ["Hugging faces hug each other, hugs and hugging!", "The huge pug hugged a bug; pugs hug bugs.", "the bug was hugged", "Each PUG is hugging the other pugs."];

    [Fact]
    public void Pairs_are_merged_as_the_tokenizers_library_documents_it()
    {
        // The example of its BpeTrainer's own test.
        string[] words = ["roses", "are", "red", "voilets", "blue", "BERT", "is", "big", "and", "so", "GPT-2"];
        var counts = words.ToDictionary(w => w, w => w is "are" or "is" ? 2L : 1L);
        var pieces = new PieceLearner("", new WordPieceTrainerOptions { VocabularySize = 30_000 }).Learn(counts, []);
        Assert.Equal(["-", "2", "B", "E", "G", "P", "R", "T", "a", "b", "d", "e", "g", "i", "l", "n", "o", "r", "s", "t", "u", "v", "re", "are", "is"], pieces);
    }

    [Fact]
    public void A_learned_tokenizer_keeps_frequent_words_whole_and_writes_the_rest_in_pieces()
    {
        var tokenizer = WordPieceTrainer.Train(Sentences, new WordPieceTrainerOptions { VocabularySize = 80 });
        Assert.Equal([0, 1, 2, 3, 4], WordPieceTrainer.SpecialTokens.Select(t => tokenizer.TokenToId(t)!.Value));
        Assert.Equal((0, 4), (tokenizer.PadId!.Value, tokenizer.MaskId!.Value));
        Assert.Equal([0, 1, 2, 3, 4], tokenizer.SpecialIds);
        Assert.Equal(["[CLS]", "the", "pug", "hugging", "[SEP]"], tokenizer.Encode("The púg hugging").Tokens);
        Assert.DoesNotContain("[UNK]", tokenizer.Encode(string.Join(' ', Sentences)).Tokens);
        Assert.Contains("[UNK]", tokenizer.Encode("Ж").Tokens);
        Assert.Contains(tokenizer.Encode("bughug").Tokens, t => t.StartsWith("##", StringComparison.Ordinal));
        Assert.Equal("the pugs hug each other", tokenizer.Decode(tokenizer.Encode("The pugs hug each other").Ids));
    }

    [Fact]
    public void The_order_of_the_texts_and_the_time_of_day_change_nothing_and_the_files_load_again()
    {
        var first = WordPieceTrainer.Train(Sentences);
        var again = WordPieceTrainer.Train(Sentences.Reverse());
        Assert.Equal(Tokens(first), Tokens(again));
        using var folder = TestFiles.Folder();
        first.Save(folder.Path);
        var loaded = Tokenizer.Load(folder.Path);
        Assert.Equal(Tokens(first), Tokens(loaded));
        Assert.Equal(512, loaded.ModelMaxLength);
        Assert.Equal(first.Encode(Sentences[0]).Ids, loaded.Encode(Sentences[0]).Ids);
        File.Delete(Path.Combine(folder.Path, "tokenizer.json"));
        Assert.Equal(first.Encode(Sentences[1]).Ids, Tokenizer.Load(folder.Path).Encode(Sentences[1]).Ids);   // from vocab.txt, as older programs do
    }

    [Fact]
    public void Sizes_are_kept_rare_characters_are_left_out_and_a_pair_has_to_occur_often_enough()
    {
        var options = new WordPieceTrainerOptions { AlphabetLimit = 3, MinFrequency = 3 };
        var tokenizer = WordPieceTrainer.Train(["aab aab aab aac", "aad"], options);
        Assert.Null(tokenizer.TokenToId("d"));
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##a", "##b", "##c", "aa", "aab"], Tokens(tokenizer));
        Assert.Equal(9, WordPieceTrainer.Train(Sentences, new WordPieceTrainerOptions { VocabularySize = 5, AlphabetLimit = 2 }).VocabularySize);   // characters stay, whatever the size
        Assert.Throws<ArgumentException>(() => WordPieceTrainer.Train(["  ", ""]));
    }

    [Fact]
    public void Any_texts_give_a_tokenizer_that_takes_them()
    {
        for (var round = 0; round < 30; round++)
        {
            var stream = new Philox((ulong)round, "texts");
            string[] texts = [.. Enumerable.Range(0, 20).Select(i => new string([.. Enumerable.Range(0, 1 + (int)stream.Below((ulong)(1000 * i), 60)).Select(j => (char)stream.Below((ulong)(1000 * i + j + 1), j % 7 == 0 ? 65_536 : 128))])), "word"];
            var tokenizer = WordPieceTrainer.Train(texts, new WordPieceTrainerOptions { VocabularySize = 200, AlphabetLimit = 60 });
            Assert.All(texts, text => Assert.All(tokenizer.Encode(text).Ids, id => Assert.InRange(id, 0, tokenizer.LargestId)));
        }
    }

    private static List<string?> Tokens(Tokenizer tokenizer) => [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.IdToToken)];
}
