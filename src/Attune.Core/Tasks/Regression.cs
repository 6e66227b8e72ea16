using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Tasks;

/// <summary>
/// One real value per row. The network learns (value - Mean) / Scale, fitted on the training split; predictions are scaled back. Logarithmic, its output is the logarithm of a
/// positive mean: the prediction is e^output · Scale, and Mean is 0.
/// </summary>
public sealed class Regression(string target, double mean, double scale, bool logarithmic = false) : LearningTask
{
    /// <inheritdoc/>
    public override string Name => "regression";

    /// <inheritdoc/>
    public override string Target { get; } = target;

    /// <summary>Mean of the training targets.</summary>
    public double Mean { get; } = mean;

    /// <summary>Standard deviation of the training targets; 1 when they are constant.</summary>
    public double Scale { get; } = scale;

    /// <summary>True when the output is the logarithm of the mean in units of <see cref="Scale"/>; targets are then at least 0.</summary>
    public bool IsLogarithmic { get; } = logarithmic;

    /// <summary>The same targets with an output that is the value itself.</summary>
    public Regression Plain => IsLogarithmic ? new Regression(Target, Mean, Scale) : this;

    /// <inheritdoc/>
    public override IReadOnlyList<ColumnSchema> TargetSchema => [new ColumnSchema(Target, ColumnKind.Numeric, "the target")];

    /// <inheritdoc/>
    public override int OutputWidth => 1;

    /// <inheritdoc/>
    public override int PredictionWidth => 1;

    /// <inheritdoc/>
    public override string DefaultLoss => "mse";

    /// <inheritdoc/>
    public override string DefaultMetric => "rmse";

    /// <summary>Target of every row [R] in the user's unit.</summary>
    /// <exception cref="DataFormatException">A cell is missing or no number.</exception>
    public double[] Values(Table table)
    {
        var column = table[Target];
        if (column is not NumericColumn numeric)
            throw new DataFormatException(table.Source, null, Target, "The target of a regression has to be numeric; this column holds text.");
        for (var row = 0; row < table.Rows; row++)
        {
            if (numeric.IsMissing(row)) throw new DataFormatException(table.Source, Line(table, row), Target, "The target is missing. Fill it in, or remove the row.");
            if (IsLogarithmic && numeric.Values[row] < 0) throw new DataFormatException(table.Source, Line(table, row), Target, "The target is below 0; this model predicts the logarithm of a mean. Remove the row, or choose another objective.loss.");
        }
        return numeric.Values;
    }

    /// <inheritdoc/>
    public override Targets Encode(Table table)
    {
        var values = Values(table);
        var scaled = new float[values.Length];
        for (var i = 0; i < scaled.Length; i++) scaled[i] = (float)((values[i] - Mean) / Scale);
        return Targets.Real(scaled);
    }

    /// <inheritdoc/>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions)
    {
        for (var i = 0; i < outputs.Length; i++) predictions[i] = (float)((IsLogarithmic ? Math.Exp(outputs[i]) : outputs[i]) * Scale + Mean);
    }

    /// <inheritdoc/>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
    {
        // In double like Activate: a large mean would cost a float the small differences.
        var value = graph.Node("Cast", [logits], Attributes.Of(("to", (long)DataType.Double)));
        if (IsLogarithmic) value = graph.Node("Exp", [value]);
        value = graph.Node("Mul", [value, graph.Constant("target.scale", Tensor.Of([Scale]))]);
        value = graph.Add(value, graph.Constant("target.mean", Tensor.Of([Mean])));
        value = graph.Node("Cast", [value], Attributes.Of(("to", (long)DataType.Float)));   // [N, 1]
        graph.Output(value, OutputName(graph, "prediction"), DataType.Float, new Shape("N", 1));
    }

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Mean = Mean, Scale = Scale, Logarithmic = IsLogarithmic ? true : null };
}
