using System.Text.Json;
using Attune.Text.Decoders;
using Attune.Text.Normalizers;
using Attune.Text.PostProcessors;
using Attune.Text.PreTokenizers;
using Attune.Text.TokenModels;

namespace Attune.Text;

/// <summary>Tokenizers of early model folders without tokenizer.json: BERT's vocab.txt, and vocab.json with merges.txt of GPT-2 and RoBERTa.</summary>
internal static class VocabularyFiles
{
    /// <summary>WordPiece as BERT, DistilBERT and ELECTRA have it, or MPNet where the class says so.</summary>
    /// <exception cref="DataFormatException">A token that the model needs is not in the vocabulary.</exception>
    public static TokenizerParts ReadVocabTxt(string file, byte[] bytes, TokenizerCompanions companions)
    {
        var lines = System.Text.Encoding.UTF8.GetString(bytes).Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        if (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        var vocabulary = new Vocabulary([.. lines.Select((l, i) => (l, i))]);
        var isMpnet = companions.TokenizerClass == "MPNetTokenizer";
        string Name(string role, string bert, string mpnet) => companions.Role(role, isMpnet ? mpnet : bert);
        var (classifier, separator, unknown) = (Name("cls_token", "[CLS]", "<s>"), Name("sep_token", "[SEP]", "</s>"), companions.Role("unk_token", "[UNK]"));
        var (cls, sep) = (Id(classifier, vocabulary, file), Id(separator, vocabulary, file));
        Id(unknown, vocabulary, file);
        List<RowLayout.Part> Row(params int[] sequences) => [RowLayout.Tokens(0, (classifier, cls)), .. sequences.SelectMany(s => (RowLayout.Part[])
            [.. isMpnet && s == 1 ? (RowLayout.Part[])[RowLayout.Tokens(0, (separator, sep))] : [], RowLayout.Text(s, s), RowLayout.Tokens(s, (separator, sep))])];
        var lowercase = companions.Flag("do_lower_case", true);
        return new(new WordPiece(vocabulary, unknown, "##", 100))
        {
            Normalizer = new BertNormalizer(true, companions.Flag("tokenize_chinese_chars", true), companions.FlagOrNull("strip_accents"), lowercase),
            PreTokenizer = new BertPreTokenizer(),
            PostProcessing = new TemplateProcessing(Row(0), Row(0, 1)),
            Decoder = new WordPieceDecoder("##", cleanup: true),
            AddedTokens = Special([classifier, separator, unknown, Name("pad_token", "[PAD]", "<pad>"), Name("mask_token", "[MASK]", "<mask>")], vocabulary, isMpnet, companions),
        };
    }

    /// <summary>Byte-level BPE as GPT-2 has it, or RoBERTa where the class or the vocabulary says so.</summary>
    /// <exception cref="DataFormatException">A file is damaged, or is of another family.</exception>
    public static TokenizerParts ReadVocabJson(string file, byte[] vocabJson, byte[] mergesTxt, TokenizerCompanions companions)
    {
        using var document = TokenizerJson.Parse(vocabJson, file);
        var json = new ComponentJson(file, "vocab", document.RootElement);
        if (json.Element.ValueKind != JsonValueKind.Object) throw json.Error("This is JSON, but no object of tokens and ids. Download the file again.");
        var vocabulary = new Vocabulary([.. json.Element.EnumerateObject().Select(e => (json.NameOf(e, "vocab"), json.Number(json.NameOf(e, "vocab"))))]);
        var merges = System.Text.Encoding.UTF8.GetString(mergesTxt).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0 && !l.StartsWith("#version", StringComparison.Ordinal)).ToList();
        if (merges.Exists(m => m.EndsWith("</w>", StringComparison.Ordinal)))
            throw json.Error("These merges end words with </w>, as CLIP's and XLM's do; Attune reads that family from a tokenizer.json only. Save one with Python's transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…).");
        BpeMerges ranked;
        try { ranked = TokenModelJson.Merges(merges.Select(m => m.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (m[..space], m[(space + 1)..]) : throw new KeyNotFoundException(m)), vocabulary, null); }
        catch (KeyNotFoundException e) { throw json.Error($"merges.txt has '{e.Message}', which vocab.json lacks. The two files are not of one model; download both again.", e); }

        var isRoberta = companions.TokenizerClass is { } name ? name is "RobertaTokenizer" or "BartTokenizer" or "LongformerTokenizer" or "LEDTokenizer"
            : vocabulary.TokenToId("<s>") is not null && vocabulary.TokenToId("</s>") is not null;
        var prefix = companions.Flag("add_prefix_space", false);
        var (classifier, separator) = (companions.Role("cls_token", "<s>"), companions.Role("sep_token", "</s>"));
        string[] special = isRoberta ? [classifier, separator, companions.Role("unk_token", "<unk>"), companions.Role("pad_token", "<pad>"), companions.Role("mask_token", "<mask>")]
            : [companions.Role("eos_token", "<|endoftext|>"), .. companions.Roles.Values];
        return new(new Bpe(vocabulary, ranked, new BpeOptions()))
        {
            PreTokenizer = new ByteLevelPreTokenizer(prefix, usePattern: true),
            PostProcessing = isRoberta ? new RobertaProcessing((separator, Id(separator, vocabulary, file)), (classifier, Id(classifier, vocabulary, file)), trimOffsets: true, prefix)
                : new ByteLevelProcessing(trimOffsets: false, addPrefixSpace: true),
            Decoder = new ByteLevelDecoder(),
            AddedTokens = Special(special, vocabulary, isRoberta, companions),
        };
    }

    private static int Id(string token, Vocabulary vocabulary, string file)
        => vocabulary.TokenToId(token) ?? throw new DataFormatException(file, null, null,
            $"The token '{token}' is not in the vocabulary, and the model needs it. Is the file complete, and do tokenizer_config.json and special_tokens_map.json beside it belong to it?");

    // The mask token takes the space before it in the families of RoBERTa and MPNet.
    private static List<AddedToken> Special(string[] tokens, Vocabulary vocabulary, bool maskStrips, TokenizerCompanions companions)
        => [.. tokens.Distinct().Where(t => vocabulary.TokenToId(t) is not null).Select(t => new AddedToken(t, vocabulary.TokenToId(t)!.Value, LeftStrip: maskStrips && t == tokens[^1])), .. companions.Added];
}
