using System.Text;
using Attune.Text.Decoders;
using Attune.Text.Normalizers;
using Attune.Text.PostProcessors;
using Attune.Text.PreTokenizers;
using Attune.Text.TokenModels;
using static Attune.Text.SentencePieceModel;

namespace Attune.Text;

/// <summary>
/// Tokenizers from a SentencePiece .model, put together as Python's transformers converts them for the families of XLM-R, T5, ALBERT, DeBERTa-v2 and Llama, which the class in
/// tokenizer_config.json or the file's name tells; a file alone has no special tokens put in.
/// </summary>
internal static class SentencePieceFiles
{
    private const string Blank = "\u2581";
    private const int ExtraIds = 100;   // sentinels of T5

    /// <exception cref="DataFormatException">The file is damaged, or its class is none of these families.</exception>
    public static TokenizerParts Read(string file, byte[] bytes, TokenizerCompanions companions)
    {
        var model = SentencePieceModel.Read(bytes, file);
        var family = companions.TokenizerClass ?? Path.GetFileName(file) switch
        {
            "sentencepiece.bpe.model" => "XLMRobertaTokenizer",
            "spm.model" => "DebertaV2Tokenizer",
            _ => "",
        };
        try
        {
            return family switch
            {
                "XLMRobertaTokenizer" => XlmRoberta(model, companions),
                "T5Tokenizer" or "MT5Tokenizer" => T5(model, companions),
                "AlbertTokenizer" => Albert(model, companions),
                "DebertaV2Tokenizer" => DebertaV2(model, companions),
                "LlamaTokenizer" => Llama(model, companions),
                "" => Plain(model),
                _ => throw new DataFormatException(file, null, null, $"Attune cannot read a SentencePiece file for the class {family} (it can for XLMRoberta, T5, Albert, DebertaV2 and Llama). "
                    + "Save a tokenizer.json with Python's transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…)."),
            };
        }
        catch (FormatException e) { throw new DataFormatException(file, null, null, $"The character map is damaged: {e.Message}. Download the file again.", e); }
        catch (KeyNotFoundException e) { throw new DataFormatException(file, null, null, $"The piece '{e.Message}' is missing, which the class {family} needs. Does tokenizer_config.json belong to this file?", e); }
    }

    // Control pieces first and last as fairseq numbers them; the file's own three make way.
    private static TokenizerParts XlmRoberta(SentencePieceModel model, TokenizerCompanions companions)
    {
        List<(string, double)> pieces = [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), .. Pieces(model).Skip(3), ("<mask>", 0)];
        var parts = Build(model, new Unigram(pieces, 3, model.HasByteFallback), Normalizer(model), "<s>", "</s>", doubleSeparator: true, secondType: 0);
        return parts with
        {
            AddedTokens = [Special("<s>"), Special("<pad>"), Special("</s>"), Special("<unk>"), Special(companions.Role("mask_token", "<mask>")) with { LeftStrip = true }, .. companions.Added],
        };
    }

    private static TokenizerParts T5(SentencePieceModel model, TokenizerCompanions companions)
    {
        List<(string, double)> pieces = [.. Pieces(model)];
        string[] extra = [.. Enumerable.Range(0, ExtraIds).Select(i => FormattableString.Invariant($"<extra_id_{i}>"))];
        pieces.AddRange(extra.Reverse().Where(e => !pieces.Exists(p => p.Item1 == e)).Select(e => (e, 0.0)));
        var parts = Build(model, new Unigram(pieces, model.UnknownId, model.HasByteFallback), Normalizer(model), null, companions.Role("eos_token", "</s>"), doubleSeparator: false, secondType: 0);
        return parts with { AddedTokens = [.. Own(model), Special("<pad>"), Special("</s>"), Special("<unk>"), .. extra.Reverse().Select(Special), .. companions.Added] };
    }

    private static TokenizerParts Albert(SentencePieceModel model, TokenizerCompanions companions)
    {
        List<Normalizer> normalizers = [new ReplaceNormalizer(new LiteralPattern("``"), "\""), new ReplaceNormalizer(new LiteralPattern("''"), "\"")];
        if (!companions.Flag("keep_accents", false)) normalizers.AddRange([new UnicodeNormalizer(NormalizationForm.FormKD), FilterNormalizer.StripAccents()]);
        if (companions.Flag("do_lower_case", true)) normalizers.Add(new LowercaseNormalizer());
        if (model.CharsMap.Length > 0) normalizers.Add(new PrecompiledNormalizer(model.CharsMap));
        normalizers.Add(new ReplaceNormalizer(RegexPattern.Create(" {2,}"), " "));
        var parts = Build(model, Model(model), new NormalizerSequence(normalizers), "[CLS]", "[SEP]", doubleSeparator: false, secondType: 1);
        return parts with { AddedTokens = [.. Own(model), .. ((string[])["<pad>", "<unk>", "[CLS]", "[SEP]"]).Select(Special), Special("[MASK]") with { LeftStrip = true }, .. companions.Added] };
    }

    private static TokenizerParts DebertaV2(SentencePieceModel model, TokenizerCompanions companions)
    {
        List<Normalizer> normalizers = companions.Flag("do_lower_case", false) ? [new LowercaseNormalizer()] : [];
        normalizers.Add(new StripNormalizer(true, true));
        if (model.CharsMap.Length > 0) normalizers.Add(new PrecompiledNormalizer(model.CharsMap));
        normalizers.Add(new ReplaceNormalizer(RegexPattern.Create(" {2,}"), " "));
        var parts = Build(model, Model(model), new NormalizerSequence(normalizers), "[CLS]", "[SEP]", doubleSeparator: false, secondType: 1);
        if (companions.Flag("split_by_punct", false)) parts = parts with { PreTokenizer = new PreTokenizerSequence([SplitPreTokenizer.Punctuation(SplitBehavior.Isolated), parts.PreTokenizer!]) };
        return parts with { AddedTokens = [.. Own(model), .. ((string[])["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]).Select(Special), .. companions.Added] };
    }

    private static TokenizerParts Llama(SentencePieceModel model, TokenizerCompanions companions)
    {
        var (bos, eos) = (companions.Role("bos_token", "<s>"), companions.Role("eos_token", "</s>"));
        var parts = new TokenizerParts(Model(model)) { AddedTokens = [Special("<unk>"), Special(bos), Special(eos), .. companions.Added] };
        List<RowLayout.Part> Row(params int[] sequences) => [.. sequences.SelectMany(s => (RowLayout.Part[])
        [
            .. companions.Flag("add_bos_token", true) ? (RowLayout.Part[])[Put(parts.Model, bos, s)] : [],
            RowLayout.Text(s, s),
            .. companions.Flag("add_eos_token", false) ? (RowLayout.Part[])[Put(parts.Model, eos, s)] : [],
        ])];
        return parts with
        {
            Normalizer = new NormalizerSequence([.. model.AddsDummyPrefix ? (Normalizer[])[new PrependNormalizer(Blank)] : [], new ReplaceNormalizer(new LiteralPattern(" "), Blank)]),
            PostProcessing = new TemplateProcessing(Row(0), Row(0, 1)),
            Decoder = new TokenDecoderSequence([new ReplaceDecoder(new LiteralPattern(Blank), " "), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(" ", 1, 0)]),
        };
    }

    private static TokenizerParts Plain(SentencePieceModel model)
    {
        var parts = new TokenizerParts(Model(model)) { Normalizer = Normalizer(model), PreTokenizer = PreTokenizer(model), AddedTokens = Own(model) };
        return parts with { Decoder = new TokenDecoderSequence([new ByteFallbackDecoder(), new MetaspaceDecoder(Blank[0], model.AddsDummyPrefix)]) };
    }

    private static TokenizerParts Build(SentencePieceModel file, TokenModel model, Normalizer normalizer, string? classifier, string separator, bool doubleSeparator, int secondType)
    {
        List<RowLayout.Part> Row(bool isPair) =>
        [
            .. classifier is null ? (RowLayout.Part[])[] : [Put(model, classifier, 0)], RowLayout.Text(0, 0), Put(model, separator, 0),
            .. isPair && doubleSeparator ? (RowLayout.Part[])[Put(model, separator, 0)] : [],
            .. isPair ? (RowLayout.Part[])[RowLayout.Text(1, secondType), Put(model, separator, secondType)] : [],
        ];
        return new(model)
        {
            Normalizer = normalizer,
            PreTokenizer = PreTokenizer(file),
            PostProcessing = new TemplateProcessing(Row(false), Row(true)),
            Decoder = new MetaspaceDecoder(Blank[0], prepends: true),
        };
    }

    private static RowLayout.Part Put(TokenModel model, string token, int type) => RowLayout.Tokens(type, (token, model.TokenToId(token) ?? throw new KeyNotFoundException(token)));

    private static IEnumerable<(string, double)> Pieces(SentencePieceModel model) => model.Pieces.Select(p => (p.Text, p.Score));

    private static TokenModel Model(SentencePieceModel model)
    {
        if (!model.IsBpe) return new Unigram([.. Pieces(model)], model.UnknownId, model.HasByteFallback);
        var vocabulary = new Vocabulary([.. model.Pieces.Select((p, i) => (p.Text, i))]);
        return new Bpe(vocabulary, SentencePieceMerges.Of(model.Pieces, vocabulary), new BpeOptions { UnknownToken = model.Pieces[model.UnknownId].Text, FuseUnknown = true, ByteFallback = model.HasByteFallback });
    }

    private static NormalizerSequence Normalizer(SentencePieceModel model)
        => new([.. model.CharsMap.Length > 0 ? (Normalizer[])[new PrecompiledNormalizer(model.CharsMap)] : [], new StripNormalizer(false, true), new ReplaceNormalizer(RegexPattern.Create(" {2,}"), Blank)]);

    private static MetaspacePreTokenizer PreTokenizer(SentencePieceModel model) => new(Blank[0], model.AddsDummyPrefix ? MetaspacePrepend.Always : MetaspacePrepend.Never, split: true);

    private static List<AddedToken> Own(SentencePieceModel model)
        => [.. model.Pieces.Where(p => p.Kind is PieceKind.Control or PieceKind.UserDefined).Select(p => Special(p.Text) with { Special = p.Kind == PieceKind.Control })];

    private static AddedToken Special(string token) => new(token, 0);
}
