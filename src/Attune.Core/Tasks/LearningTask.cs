using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Tasks;

/// <summary>What is learned: how target cells become <see cref="Targets"/>, how wide the output is, and how outputs become predictions.</summary>
public abstract class LearningTask
{
    /// <summary>Name in files and messages: <c>binary-classification</c>, <c>multiclass-classification</c>, <c>multi-label-classification</c>, <c>token-classification</c>, <c>masked-language-model</c>, <c>question-answering</c>, <c>regression</c>, <c>embedding</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Name of the target column.</summary>
    public abstract string Target { get; }

    /// <summary>Columns that hold the targets: one, or one for each of several labels.</summary>
    public virtual IReadOnlyList<string> TargetColumns => [Target];

    /// <summary>The target columns as they are to be read from a file.</summary>
    public virtual IReadOnlyList<ColumnSchema> TargetSchema => [.. TargetColumns.Select(name => new ColumnSchema(name, ColumnKind.Category, "the target"))];

    /// <summary>Names of the probabilities in output order: the classes or labels; empty where values are predicted.</summary>
    public virtual IReadOnlyList<string> PredictionNames => [];

    /// <summary>Outputs per row of the network: 1 for binary and regression, K for K classes or labels.</summary>
    public abstract int OutputWidth { get; }

    /// <summary>Default objective by name.</summary>
    public abstract string DefaultLoss { get; }

    /// <summary>Default primary metric by name.</summary>
    public abstract string DefaultMetric { get; }

    /// <summary>Targets of a table's rows.</summary>
    /// <exception cref="DataFormatException">A cell is missing or is no value this task knows; names line and column.</exception>
    public abstract Targets Encode(Table table);

    /// <summary>Turns raw outputs [rows, OutputWidth] into what is reported: probabilities [rows, K] or values [rows, 1].</summary>
    public abstract void Activate(ReadOnlySpan<float> outputs, Span<float> predictions);

    /// <summary>Turns raw outputs of known labels [rows] into what metrics read: the same as <see cref="Activate"/>, but for tasks with so many outputs that only what they say of the label is kept.</summary>
    public virtual void Judge(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels, Span<float> predictions) => Activate(outputs, predictions);

    /// <summary>Columns of <see cref="Activate"/>'s result: K classes, 1, or the width of a vector.</summary>
    public abstract int PredictionWidth { get; }

    /// <summary>
    /// Appends what an exported model reports and declares it as graph outputs: for classification <c>label</c> (string [N], the most probable class) and
    /// <c>probabilities</c> (float [N, K], class order), for several labels <c>predictions</c> (int64 [N, K], 1 where a label is predicted) and <c>probabilities</c>, for regression <c>prediction</c> (float [N, 1], in the target's unit), for embeddings <c>sentence_embedding</c> (float [N, D]). A name that a graph input
    /// has already gets the suffix <c>_2</c>; the order of the outputs stays.
    /// </summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="logits">Raw network outputs [N, OutputWidth].</param>
    public abstract void AppendOutputs(GraphBuilder graph, Value logits);

    /// <summary>The task as files hold it.</summary>
    public abstract TaskDocument ToDocument();

    /// <summary>Softmax of lines of <paramref name="width"/> logits.</summary>
    private protected static void Softmax(ReadOnlySpan<float> outputs, Span<float> predictions, int width)
    {
        for (var start = 0; start < outputs.Length; start += width)
        {
            var logits = outputs.Slice(start, width);
            var row = predictions.Slice(start, width);
            var max = float.NegativeInfinity;
            foreach (var logit in logits) max = MathF.Max(max, logit);
            var sum = 0f;
            for (var k = 0; k < width; k++) sum += row[k] = MathF.Exp(logits[k] - max);
            for (var k = 0; k < width; k++) row[k] /= sum;
        }
    }

    /// <summary>A name for a graph output: <paramref name="name"/>, or a numbered one where that is taken.</summary>
    private protected static string OutputName(GraphBuilder graph, string name)
    {
        var free = name;
        for (var i = 2; graph.IsTaken(free); i++) free = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}_{i}");
        return free;
    }

    /// <summary>Line prefix for messages about a row: the physical line where known, else null.</summary>
    protected static long? Line(Table table, int row) => table.LineOfRow?.Invoke(row);
}
