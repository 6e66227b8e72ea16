using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Graphs;
using Attune.Methods;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Texts of <c>evaluation.general-text</c>, that show what tuning costs elsewhere.</summary>
/// <param name="Source">The file.</param>
/// <param name="Texts">An even sample of its texts, encoded.</param>
internal sealed record GeneralTexts(string Source, EncodedSet Texts)
{
    private const int Most = 500;   // neighbours are compared pairwise

    /// <summary>Reads a file of one text a line (UTF-8; empty lines are skipped).</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">How the model reads texts.</param>
    /// <param name="task">What is learned.</param>
    /// <exception cref="OptionsException">The model has no vector for a text.</exception>
    /// <exception cref="DataFormatException">The file cannot be read or holds fewer than two texts.</exception>
    public static GeneralTexts Read(string path, ModelInputs inputs, LearningTask task)
    {
        if (inputs is not TextInputs text || task is not (Classification or MultiLabelClassification or Regression or SentenceEmbedding)) throw new OptionsException("evaluation.general-text: compares the vectors of texts, and this model has no single one for a text. Leave it out.");
        List<string> lines;
        try { lines = [.. File.ReadLines(path).Where(l => !string.IsNullOrWhiteSpace(l))]; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new DataFormatException(path, null, null, $"cannot be read: {e.Message} Name a file of one text a line (--general-text).", e); }
        if (lines.Count < 2) throw new DataFormatException(path, null, null, $"holds {lines.Count} texts; at least 2 are needed, one a line.");
        var count = Math.Min(lines.Count, Most);
        return new GeneralTexts(path, text.Encode([.. Enumerable.Range(0, count).Select(i => lines[(int)((long)i * lines.Count / count)])], out _));
    }

    /// <summary>Compares the vectors that the head reads, of an embedding its answer, before and after.</summary>
    /// <param name="before">The network as it came.</param>
    /// <param name="after">The network as it is delivered.</param>
    /// <param name="compile">Compiles without anything to train.</param>
    /// <param name="task">What is learned.</param>
    public Forgetting Compare(Graph before, Graph after, Func<Graph, CompiledModel> compile, LearningTask task)
    {
        float[] VectorsOf(Graph network, out int width)
        {
            using var model = compile(task is SentenceEmbedding ? network : HeadReplacement.CutAtFeatures(network));
            width = model.OutputWidth;
            var vectors = new float[(long)Texts.Rows * width];
            model.Predict(Texts, [.. Enumerable.Range(0, Texts.Rows)], vectors);
            return vectors;
        }
        var first = VectorsOf(before, out var width);
        return Forgetting.Of(Source, first, VectorsOf(after, out _), width);
    }
}
