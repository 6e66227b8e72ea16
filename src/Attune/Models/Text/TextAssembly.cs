using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>Puts a text network together: backbone, pooler, head, outputs.</summary>
/// <param name="folder">The folder that is loaded; null for a fresh network.</param>
/// <param name="config">The configuration.</param>
/// <param name="options">The head.</param>
/// <param name="modules">What sentence-transformers puts on top.</param>
internal sealed class TextAssembly(string? folder, TextConfig config, TextLoadOptions options, SentenceModules modules)
{
    private readonly TextShape _shape = config.Shape with { DropoutOverride = options.Dropout };

    private bool HasHead => options.Head is not (TextHead.None or TextHead.Embedding);

    private string Prefix => HasHead ? _shape.Prefix : "";

    /// <summary>The network with a checkpoint's weights.</summary>
    public TextModel Load(CheckpointFolder files)
    {
        CheckHead();
        var stored = CheckpointNames.Fit(files.Weights, _shape, HasHead);
        foreach (var weight in modules.Dense.SelectMany(d => d.Weights.All)) stored.Add(weight);
        var pooler = _shape.PoolerLayer is { } layer && stored.Contains($"{Prefix}{layer}.weight");
        var source = new CheckpointWeights(stored, name => options.FreshHead && IsClassifier(name), MayBeMissing, options.Seed);
        TextModel model;
        try { model = Build(source, pooler); }
        catch (WeightsException e) { throw new WeightsException($"{files.Files[0]}: {e.Message}", e); }
        var carried = options.Head == TextHead.Embedding && pooler ? stored.All.Where(w => w.Name.StartsWith("pooler.", StringComparison.Ordinal)).ToList() : [];
        return model with
        {
            Fresh = source.Fresh,
            Unexpected = [.. source.Unexpected.Where(n => !CheckpointNames.IsBuffer(n) && carried.TrueForAll(c => c.Name != n))],
            Carried = new WeightStore(carried),
            SourceType = stored.All.FirstOrDefault(w => w.Value.Type.IsFloating())?.Value.Type ?? DataType.Float,
            SourceFiles = [Path.Combine(modules.Encoder, "config.json"), .. files.Files, .. modules.Files.Select(f => Path.Combine(folder!, f))],
        };
    }

    /// <summary>The network with fresh weights.</summary>
    public TextModel Create()
    {
        CheckHead();
        return Build(new FreshWeights(options.Seed), pooler: false);
    }

    private TextModel Build(WeightSource source, bool pooler)
    {
        var g = new GraphBuilder(_shape.Family);
        var n = new TextLayers(g, source, _shape, options.TakesPositions);
        var x = _shape.Encode(n, Prefix);                                                     // [B, T, D]
        var (outputs, modes, normalizes) = (options.Outputs ?? config.LabelCount, options.Pooling ?? modules.Pooling, options.Normalize ?? modules.Normalizes);
        switch (options.Head)
        {
            case TextHead.None:
                Hidden(g, x);
                if (pooler) g.Output(_shape.Pool(n, x, ""), TextModel.PoolerOutput, DataType.Float, new Shape("B", _shape.Width));
                outputs = _shape.Width;
                break;
            case TextHead.Embedding:
                (var pooled, outputs) = SentencePooling.Append(n, x, _shape.Width, modes, modules.Dense, normalizes);
                g.Output(pooled, TextModel.SentenceEmbedding, DataType.Float, new Shape("B", outputs));
                Hidden(g, x);
                break;
            default:
                if (options.Head == TextHead.QuestionAnswering) outputs = 2;
                if (options.Head is TextHead.MaskedLanguageModel or TextHead.CausalLanguageModel) outputs = _shape.VocabularySize;
                var read = options.SelectsTokens ? TokenSelection.Append(g, x, _shape.Width) : x;                       // [U, D], or [B, T, D]
                var logits = _shape.Head(n, read, options.Head, outputs);
                g.Output(logits, TextModel.Logits, DataType.Float, options.SelectsTokens ? new Shape("U", outputs) : options.Head == TextHead.SequenceClassification ? new Shape("B", outputs) : new Shape("B", "T", outputs));
                Hidden(g, x);
                break;
        }
        source.Finish($"{_shape.Architecture(options.Head)} ({_shape.Family}, {_shape.Depth} layers of width {_shape.Width})");
        var embeds = options.Head == TextHead.Embedding;
        return new TextModel(g.Build(), config, options.Head, outputs)
        {
            HiddenStates = n.HiddenStates,
            MaxTokens = Math.Min(_shape.MaxTokens, modules.MaxTokens ?? int.MaxValue),
            Pooling = embeds ? modes : [],
            Normalizes = embeds && normalizes,
            Folder = folder,
        };
    }

    private void Hidden(GraphBuilder g, Value x) => g.Output(x, TextModel.LastHiddenState, DataType.Float, new Shape("B", "T", _shape.Width));

    private void CheckHead()
    {
        if (!_shape.KnownHeads.Contains(options.Head)) throw new OptionsException($"{_shape.Family} has no head for {options.Head}; it has {string.Join(", ", _shape.KnownHeads)}.");
        if (options.Outputs is < 1) throw new OptionsException($"A head with {options.Outputs} outputs was asked for; 1 at least is needed.");
        if (options.SelectsTokens && options.Head is (TextHead.None or TextHead.Embedding or TextHead.SequenceClassification)) throw new OptionsException($"{nameof(options.SelectsTokens)}: {options.Head} has no output a token of which some could be chosen.");
        if (options.TakesPositions && !_shape.IsDecoder) throw new OptionsException($"{_shape.Family} counts its positions itself; only decoders take them as an input.");
        if (options.Pooling is { Count: 0 }) throw new OptionsException("A pooling without modes was asked for; one mode at least is needed.");
    }

    // Everything outside of the backbone, and the pooler, which pre-training for words alone does without.
    private bool MayBeMissing(string name) => name.StartsWith(_shape.Prefix + "pooler.", StringComparison.Ordinal) || (HasHead && !name.StartsWith(_shape.Prefix, StringComparison.Ordinal));

    private bool IsClassifier(string name) => HasHead && !name.StartsWith(_shape.Prefix, StringComparison.Ordinal) && options.Head is not (TextHead.MaskedLanguageModel or TextHead.CausalLanguageModel);
}
