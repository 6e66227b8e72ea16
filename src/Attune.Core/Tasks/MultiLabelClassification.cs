using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Tasks;

/// <summary>
/// Any number of K labels per row, each decided on its own: K sigmoid outputs, trained with the binary cross-entropy averaged over rows and labels. A label is predicted
/// from probability <see cref="Threshold"/> on. The targets are K columns of 0 and 1, or one column of joined labels (<see cref="LabelSets"/>).
/// </summary>
public sealed class MultiLabelClassification : LearningTask
{
    /// <summary>Least probability at which a label is predicted.</summary>
    public const float Threshold = 0.5f;

    /// <summary>Stands between predicted labels where the data had a column a label.</summary>
    public const string DefaultSeparator = ";";

    private MultiLabelClassification(string target, IReadOnlyList<string> labels, string? separator)
    {
        if (labels.Count < 2) throw new ArgumentException("Multi-label classification needs at least two labels.", nameof(labels));
        if (labels.Distinct(StringComparer.Ordinal).Count() != labels.Count) throw new ArgumentException("A label stands twice.", nameof(labels));
        (Target, Labels, LabelSeparator) = (target, labels, separator);
    }

    /// <inheritdoc/>
    public override string Name => "multi-label-classification";

    /// <summary>The target column, or the label columns joined by commas.</summary>
    public override string Target { get; }

    /// <summary>Label names in output order.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>What stands between labels in the cells of the target column; null when every label has a column of its own.</summary>
    public string? LabelSeparator { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> TargetColumns => LabelSeparator is null ? Labels : [Target];

    /// <inheritdoc/>
    public override IReadOnlyList<string> PredictionNames => Labels;

    /// <inheritdoc/>
    public override int OutputWidth => Labels.Count;

    /// <inheritdoc/>
    public override int PredictionWidth => Labels.Count;

    /// <inheritdoc/>
    public override string DefaultLoss => "binary-cross-entropy";

    /// <inheritdoc/>
    public override string DefaultMetric => "log_loss";

    /// <summary>Labels that have a column of 0 and 1 each.</summary>
    /// <param name="columns">Two names or more, which are the labels.</param>
    /// <exception cref="ArgumentException">There are fewer than two, or one stands twice.</exception>
    public static MultiLabelClassification OfColumns(IReadOnlyList<string> columns) => new(string.Join(',', columns), columns, null);

    /// <summary>Labels that are joined in one column.</summary>
    /// <param name="target">The column.</param>
    /// <param name="labels">Two labels or more, in output order.</param>
    /// <param name="separator">What stands between two labels; not empty.</param>
    /// <exception cref="ArgumentException">There are fewer than two labels, one stands twice, or the separator is empty.</exception>
    public static MultiLabelClassification OfJoined(string target, IReadOnlyList<string> labels, string separator)
        => separator.Length == 0 ? throw new ArgumentException("A separator has to have a character.", nameof(separator)) : new(target, labels, separator);

    /// <summary>The labels of every row.</summary>
    /// <exception cref="DataFormatException">A cell is no 0 or 1, is missing, or names an unknown label; names line and column.</exception>
    public LabelSets LabelsOf(Table table)
    {
        if (LabelSeparator is not null) return LabelSets.OfJoined(table, Target, LabelSeparator, Labels);
        var sets = LabelSets.OfColumns(table, Labels);
        var row = Array.IndexOf(sets.Missing, true);
        return row < 0 ? sets : throw new DataFormatException(table.Source, Line(table, row), Labels[0], "All labels of the row are missing. Fill them in with 1 and 0, or remove the row.");
    }

    /// <inheritdoc/>
    public override Targets Encode(Table table) => Targets.Real(LabelsOf(table).Values, Labels.Count);

    /// <inheritdoc/>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions)
    {
        for (var i = 0; i < outputs.Length; i++) predictions[i] = 1 / (1 + MathF.Exp(-outputs[i]));
    }

    /// <summary>The labels of one row's probabilities [K] that reach <see cref="Threshold"/>, joined as in the data; "" for none.</summary>
    public string Choose(ReadOnlySpan<float> probabilities)
    {
        var chosen = new List<string>();
        for (var k = 0; k < probabilities.Length; k++)
        {
            if (probabilities[k] >= Threshold) chosen.Add(Labels[k]);
        }
        return string.Join(LabelSeparator ?? DefaultSeparator, chosen);
    }

    /// <inheritdoc/>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
    {
        var probabilities = graph.Sigmoid(logits);   // [N, K]
        var reached = graph.Node("GreaterOrEqual", [probabilities, graph.Constant("labels.threshold", Tensor.Of([Threshold]))]);
        var predictions = graph.Node("Cast", [reached], Attributes.Of(("to", (long)DataType.Int64)));
        graph.Output(predictions, OutputName(graph, "predictions"), DataType.Int64, new Shape("N", Labels.Count));
        graph.Output(probabilities, OutputName(graph, "probabilities"), DataType.Float, new Shape("N", Labels.Count));
    }

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Classes = Labels, LabelSeparator = LabelSeparator };
}
