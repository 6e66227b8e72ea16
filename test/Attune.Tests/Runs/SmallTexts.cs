using System.Text;
using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Models.Text;
using Attune.Randomness;

namespace Attune.Tests.Runs;

/// <summary>Texts of a few words, a WordPiece tokenizer that knows them, and an encoder in ONNX: small enough to train in seconds.</summary>
internal static class SmallTexts
{
    private const int Width = 24;

    private static readonly string[] Good = ["good", "great", "fresh", "sweet", "lovely"], Bad = ["bad", "stale", "bitter", "awful", "dull"];
    private static readonly string[] Plain = ["the", "coffee", "tea", "bread", "was", "very", "and", "my", "dog", "box", "came", "today", "with", "shop", "not"];

    /// <summary>Writes <c>texts.csv</c>: columns <c>id</c>, <c>review</c>, <c>other</c>, <c>label</c> (glad, sad, and odd where both kinds of words occur), <c>score</c>.</summary>
    public static string WriteTable(string folder, int rows = 400)
    {
        var stream = new Philox(11, "texts");
        var draw = 0UL;
        var csv = new StringBuilder("id,review,other,label,score\n");
        for (var row = 0; row < rows; row++)
        {
            List<string> words = [.. Enumerable.Range(0, 3 + Next(30)).Select(_ => Plain[Next(Plain.Length)])];
            var kind = Next(3);
            if (kind != 1) words[Next(words.Count)] = Good[Next(Good.Length)];
            if (kind != 0) words.Insert(Next(words.Count), Bad[Next(Bad.Length)]);
            var glad = words.Any(w => Good.Contains(w));
            var sad = words.Any(w => Bad.Contains(w));
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"{row},\"{string.Join(' ', words)}\",{Plain[Next(Plain.Length)]} {Good[Next(5)]},{(glad && sad ? "odd" : glad ? "glad" : "sad")},{(glad ? 1 : 0) - (sad ? 1 : 0) + 0.1 * Next(3)}\n");
        }
        var path = Path.Combine(folder, "texts.csv");
        File.WriteAllText(path, csv.ToString());
        return path;

        int Next(int below) => (int)(stream.Uniform(draw++) * below);
    }

    /// <summary>Writes <c>encoder.onnx</c> and <c>encoder.tokenizer.json</c>: embeddings, attention, and the mean over real tokens [B, D].</summary>
    /// <param name="folder">Where.</param>
    /// <param name="pooled">False for token vectors [B, T, D] as the output.</param>
    public static string WriteEncoder(string folder, bool pooled = true)
    {
        WriteTokenizer(Path.Combine(folder, "encoder.tokenizer.json"));
        var g = new GraphBuilder("small encoder");
        var ids = g.Input("input_ids", DataType.Int64, new Shape("B", "T"));
        var mask = g.Input("attention_mask", DataType.Int64, new Shape("B", "T"));
        var vocabulary = Words().Count;
        Add(g, "embeddings.weight", vocabulary, Width);
        foreach (var name in new[] { "query", "key", "value", "dense" }) Add(g, $"attention.{name}.weight", Width, Width);
        var x = g.Embedding(ids, "embeddings.weight");
        Value Heads(string name) => g.SplitHeads(g.LinearLast(x, new($"attention.{name}.weight"), null, name), 2, Width);
        var allowed = g.Node("Unsqueeze", [g.Node("Cast", [mask], Attributes.Of(("to", (long)DataType.Bool))), g.Constant("axes", Tensor.Of([1L, 2L], 2))]);   // [B, 1, 1, T]
        var context = g.MergeHeads(g.Attention(Heads("query"), Heads("key"), Heads("value"), allowed), Width);
        x = g.Add(x, g.Tanh(g.LinearLast(context, new("attention.dense.weight"), null, "dense")));
        if (pooled)
        {
            var weights = g.Node("Unsqueeze", [g.Node("Cast", [mask], Attributes.Of(("to", (long)DataType.Float))), g.Constant("axis", Tensor.Of([2L], 1))]);
            var time = g.Constant("time", Tensor.Of([1L], 1));
            x = g.Node("Div", [g.Node("ReduceSum", [g.Mul(x, weights), time], Attributes.Of(("keepdims", 0L))), g.Node("ReduceSum", [weights, time], Attributes.Of(("keepdims", 0L)))]);
        }
        g.Output(x, "embeddings", DataType.Float, pooled ? new Shape("B", Width) : new Shape("B", "T", Width));
        var path = Path.Combine(folder, "encoder.onnx");
        OnnxWriter.Write(g.Build(), path, new OnnxWriteOptions { Opset = 23 });
        return path;
    }

    /// <summary>Writes a Hugging Face folder: a BERT of two layers with fresh weights, and the tokenizer.</summary>
    /// <param name="folder">Receives it.</param>
    /// <param name="head">Its head.</param>
    public static string WriteBert(string folder, TextHead head = TextHead.MaskedLanguageModel)
    {
        var config = new JsonObject
        {
            ["model_type"] = "bert", ["vocab_size"] = Words().Count, ["hidden_size"] = Width, ["num_hidden_layers"] = 2, ["num_attention_heads"] = 2, ["intermediate_size"] = 32,
            ["max_position_embeddings"] = 48, ["type_vocab_size"] = 2, ["hidden_dropout_prob"] = 0.0, ["attention_probs_dropout_prob"] = 0.0, ["initializer_range"] = 0.15, ["pad_token_id"] = 0,
        };
        TextModel.Create(TextConfig.Parse(config.ToJsonString()), new TextLoadOptions { Head = head, Seed = 3 }).Save(folder);
        WriteTokenizer(Path.Combine(folder, "tokenizer.json"));
        return folder;
    }

    /// <summary>
    /// Writes <c>tokens.jsonl</c>: "my" and the noun behind it are an entity OWN, two bad words in a row an entity COMPLAINT; nouns and bad words stand outside of entities, too. Every
    /// other row has tokens and tags, the others text and entities.
    /// </summary>
    public static string WriteTagged(string folder, int rows = 300)
    {
        var stream = new Philox(12, "tagged");
        var draw = 0UL;
        string[] nouns = ["dog", "box", "tea", "bread", "shop"], plain = ["the", "coffee", "was", "very", "and", "came", "today", "with", "not"];
        var lines = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            var (words, tags) = (new List<string>(), new List<string>());
            for (var i = 3 + Next(8); i > 0; i--)
            {
                var kind = Next(6);
                if (kind == 0) words.AddRange(["my", nouns[Next(5)]]);
                else if (kind == 1) words.AddRange([Bad[Next(5)], Bad[Next(5)]]);
                else words.Add(kind == 2 ? nouns[Next(5)] : kind == 3 ? Bad[Next(5)] : plain[Next(plain.Length)]);
                if (kind == 0) tags.AddRange(["B-OWN", "I-OWN"]);
                else if (kind == 1) tags.AddRange(["B-COMPLAINT", "I-COMPLAINT"]);
                else tags.Add("O");
                if (kind is 1 or 3)   // so that two of them never meet by chance
                {
                    words.Add("and");
                    tags.Add("O");
                }
            }
            lines.Append(row % 2 == 0 ? OfTokens(words, tags) : OfText(words, tags)).Append('\n');
        }
        var path = Path.Combine(folder, "tokens.jsonl");
        File.WriteAllText(path, lines.ToString());
        return path;

        int Next(int below) => (int)(stream.Uniform(draw++) * below);
    }

    private static string OfTokens(List<string> words, List<string> tags)
        => new JsonObject { ["tokens"] = new JsonArray([.. words.Select(w => (JsonNode?)w)]), ["tags"] = new JsonArray([.. tags.Select(t => (JsonNode?)t)]), ["intent"] = "any" }.ToJsonString();

    private static string OfText(List<string> words, List<string> tags)
    {
        var (entities, at) = (new JsonArray(), 0);
        for (var i = 0; i < words.Count; at += words[i].Length + 1, i++)
        {
            if (!tags[i].StartsWith("B-", StringComparison.Ordinal)) continue;
            entities.Add(new JsonObject { ["label"] = tags[i][2..], ["start"] = at, ["end"] = at + words[i].Length + 1 + words[i + 1].Length });
        }
        return new JsonObject { ["text"] = string.Join(' ', words), ["split"] = "train", ["entities"] = entities }.ToJsonString();
    }

    private static void Add(GraphBuilder g, string name, params long[] shape)
    {
        var stream = new Philox(4, name);
        g.Weight(name, Tensor.Of([.. Enumerable.Range(0, (int)(shape[0] * shape[1])).Select(i => 0.3f * (float)stream.Normal((ulong)i))], shape));
    }

    private static List<string> Words() => ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Good, .. Bad, .. Plain];

    /// <summary>Writes a tokenizer.json of whole words in BERT's form.</summary>
    public static void WriteTokenizer(string path)
    {
        var (vocabulary, added) = (new JsonObject(), new JsonArray());
        foreach (var (word, id) in Words().Select((w, i) => (w, i)))
        {
            vocabulary[word] = id;
            if (id < 5) added.Add(new JsonObject { ["id"] = id, ["content"] = word, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true });
        }
        File.WriteAllText(path, new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = true },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject { ["type"] = "BertProcessing", ["sep"] = new JsonArray("[SEP]", 3), ["cls"] = new JsonArray("[CLS]", 2) },
            ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
            ["model"] = new JsonObject { ["type"] = "WordPiece", ["unk_token"] = "[UNK]", ["continuing_subword_prefix"] = "##", ["max_input_chars_per_word"] = 100, ["vocab"] = vocabulary },
        }.ToJsonString());
    }
}
