using System.Text.Json.Nodes;
using Attune.Text.Normalizers;
using Attune.Text.PreTokenizers;

namespace Attune.Text.Training;

/// <summary>
/// Learns a tokenizer like that of uncased BERT from texts: lower case without accents, words at spaces and punctuation, WordPiece. The vocabulary has the pieces that
/// <c>BertWordPieceTokenizer.train</c> of the tokenizers library finds (there, ids of characters that continue a word depend on chance; here they are those of the words in order).
/// </summary>
public static class WordPieceTrainer
{
    /// <summary>The special tokens in the order of their ids, [PAD] being 0.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private const int TextsAtOnce = 1024;

    /// <summary>Learns a tokenizer.</summary>
    /// <param name="texts">The texts; the same ones in any order give the same tokenizer.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="progress">Receives pieces made and pieces wanted.</param>
    /// <exception cref="ArgumentException">The texts hold no word, or the size leaves no room for the characters.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, WordPieceTrainerOptions? options = null, Action<int, int>? progress = null)
    {
        options ??= new WordPieceTrainerOptions();
        var words = CountWords(texts);
        if (words.Count == 0) throw new ArgumentException("The texts hold no word to learn a vocabulary from.", nameof(texts));
        var pieces = new PieceLearner("##", options).Learn(words, SpecialTokens, progress);
        var bytes = System.Text.Encoding.UTF8.GetBytes(ToJson(pieces).ToJsonString());
        var parts = TokenizerJson.Read(bytes, "the learned tokenizer");
        var config = System.Text.Encoding.UTF8.GetBytes(Config(options).ToJsonString());
        return new Tokenizer(parts with
        {
            ModelMaxLength = options.ModelMaxLength,
            Files = new Dictionary<string, byte[]> { ["tokenizer.json"] = bytes, ["tokenizer_config.json"] = config, ["vocab.txt"] = System.Text.Encoding.UTF8.GetBytes(string.Concat(pieces.Select(p => p + "\n"))) },
        });
    }

    /// <summary>How often each word of the texts occurs, as the trained tokenizer cuts them.</summary>
    private static Dictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        var all = new Dictionary<string, long>(StringComparer.Ordinal);
        var normalizer = new BertNormalizer(cleanText: true, handleChinese: true, stripAccents: null, lowercase: true);
        var preTokenizer = new BertPreTokenizer();
        Parallel.ForEach(texts.Chunk(TextsAtOnce), chunk =>
        {
            var (own, pieces) = (new Dictionary<string, long>(StringComparer.Ordinal), new TextPieces());
            var lookup = own.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var text in chunk)
            {
                pieces.Begin();
                pieces.Text.Reset(Characters.WithoutLoneSurrogates(text), 0);
                normalizer.Apply(pieces.Text);
                pieces.Add(0, pieces.Text.Length);
                pieces.Commit();
                preTokenizer.Apply(pieces);
                foreach (var piece in pieces.All)
                {
                    var word = pieces.Text.Span[piece.Start..piece.End];
                    lookup[word] = lookup.TryGetValue(word, out var count) ? count + 1 : 1;
                }
            }
            lock (all)
            {
                foreach (var (word, count) in own) all[word] = all.GetValueOrDefault(word) + count;
            }
        });
        return all;
    }

    private static JsonObject ToJson(IReadOnlyList<string> pieces)
    {
        var vocabulary = new JsonObject();
        for (var id = 0; id < pieces.Count; id++) vocabulary[pieces[id]] = id;
        JsonObject Special(int id) => new() { ["id"] = id, ["content"] = SpecialTokens[id], ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true };
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, SpecialTokens.Count).Select(Special)]),
            ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = true },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject { ["type"] = "BertProcessing", ["sep"] = new JsonArray("[SEP]", 3), ["cls"] = new JsonArray("[CLS]", 2) },
            ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
            ["model"] = new JsonObject { ["type"] = "WordPiece", ["unk_token"] = "[UNK]", ["continuing_subword_prefix"] = "##", ["max_input_chars_per_word"] = 100, ["vocab"] = vocabulary },
        };
    }

    private static JsonObject Config(WordPieceTrainerOptions options) => new()
    {
        ["tokenizer_class"] = "BertTokenizer",
        ["do_lower_case"] = true,
        ["model_max_length"] = options.ModelMaxLength,
        ["pad_token"] = "[PAD]",
        ["unk_token"] = "[UNK]",
        ["cls_token"] = "[CLS]",
        ["sep_token"] = "[SEP]",
        ["mask_token"] = "[MASK]",
    };
}
