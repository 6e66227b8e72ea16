using Attune.Engines;
using Attune.Tasks;
using Microsoft.Extensions.AI;

namespace Attune.Prediction;

/// <summary>
/// Vectors of sentences from a tuned embedding model, behind the interface of Microsoft.Extensions.AI. Thread-safe; texts of like lengths share a pass. It computes on the caller's
/// thread, so that the returned task is complete: wrap calls in <c>Task.Run</c> where a thread must not be held.
/// </summary>
/// <example><code>
/// using var embedder = SentenceEmbedder.Load("runs/search");
/// var vectors = await embedder.GenerateAsync(["where is my parcel", "track a shipment"]);
/// </code></example>
public sealed class SentenceEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly Predictor _predictor;
    private readonly TextInputs _inputs;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>An embedder over a predictor, which it owns.</summary>
    /// <param name="predictor">Its task has to be <see cref="SentenceEmbedding"/>.</param>
    /// <param name="name">Name of the model for <see cref="EmbeddingGeneratorMetadata"/>.</param>
    /// <exception cref="OptionsException">The model answers something else.</exception>
    public SentenceEmbedder(Predictor predictor, string? name = null)
    {
        if (predictor.Model.Inputs is not TextInputs { IsApart: true } inputs) throw new OptionsException($"The model answers {predictor.Task.Name}, not with vectors. Load a run that was tuned with --task embedding.");
        (_predictor, _inputs) = (predictor, inputs);
        _metadata = new EmbeddingGeneratorMetadata("attune", null, name, predictor.Task.OutputWidth);
    }

    /// <summary>Numbers of a vector, D.</summary>
    public int Width => _predictor.Task.OutputWidth;

    /// <summary>Reads a run folder or model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    /// <exception cref="OptionsException">The model answers something else than vectors.</exception>
    public static SentenceEmbedder Load(string path)
    {
        var predictor = Predictor.Load(path, ModelEngine.CompileAny);
        try { return new SentenceEmbedder(predictor, Path.GetFileName(Path.TrimEndingDirectorySeparator(path))); }
        catch
        {
            predictor.Dispose();
            throw;
        }
    }

    /// <summary>Vectors of texts [R, D] row-major, in order.</summary>
    /// <param name="texts">The texts; longer ones than the model reads are cut.</param>
    /// <param name="stop">Ends the work between passes.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public float[] Embed(IReadOnlyList<string> texts, CancellationToken stop = default) => Embed(texts, out _, stop);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Another number of dimensions is asked for than the model has.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.Dimensions is { } asked && asked != Width) throw new NotSupportedException(FormattableString.Invariant($"The model's vectors have {Width} numbers; {asked} were asked for."));
        string[] texts = [.. values];
        var vectors = Embed(texts, out var tokens, cancellationToken);
        var result = new GeneratedEmbeddings<Embedding<float>>(Enumerable.Range(0, texts.Length).Select(row => new Embedding<float>(vectors.AsMemory(row * Width, Width)) { ModelId = _metadata.DefaultModelId }))
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
        return Task.FromResult(result);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose() => _predictor.Dispose();

    private float[] Embed(IReadOnlyList<string> texts, out long tokens, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var set = _inputs.Encode(texts, out var counts);
        tokens = counts.Tokens;
        int[] rows = [.. Enumerable.Range(0, texts.Count)];
        return _predictor.Predict(set, rows, (_, _) => stop.ThrowIfCancellationRequested());
    }
}
