using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Tasks;

/// <summary>
/// One class of K per row. Two classes use one sigmoid output for the positive class; more use K softmax outputs.
/// Classes are sorted ordinally, numbers numerically.
/// </summary>
public sealed class Classification : LearningTask
{
    private readonly Dictionary<string, int> _index;

    /// <summary>A classifier over the given classes.</summary>
    /// <param name="target">Target column.</param>
    /// <param name="classes">K ≥ 2 class names in order (see <see cref="Sort"/>).</param>
    /// <param name="positiveClass">For two classes the one whose probability the output gives; null otherwise.</param>
    public Classification(string target, IReadOnlyList<string> classes, string? positiveClass)
    {
        if (classes.Count < 2) throw new ArgumentException("A classifier needs at least two classes.", nameof(classes));
        (Target, Classes) = (target, classes);
        _index = classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        if (classes.Count == 2)
        {
            PositiveClass = positiveClass ?? throw new ArgumentException("Two classes need a positive one.", nameof(positiveClass));
            PositiveIndex = _index[PositiveClass];
        }
    }

    /// <inheritdoc/>
    public override string Name => Classes.Count == 2 ? "binary-classification" : "multiclass-classification";

    /// <inheritdoc/>
    public override string Target { get; }

    /// <summary>Class names in output order.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The positive class of two; null for more.</summary>
    public string? PositiveClass { get; }

    /// <summary>Index of the positive class in <see cref="Classes"/>; -1 for more than two.</summary>
    public int PositiveIndex { get; } = -1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> PredictionNames => Classes;

    /// <inheritdoc/>
    public override int OutputWidth => Classes.Count == 2 ? 1 : Classes.Count;

    /// <inheritdoc/>
    public override int PredictionWidth => Classes.Count;

    /// <inheritdoc/>
    public override string DefaultLoss => Classes.Count == 2 ? "binary-cross-entropy" : "cross-entropy";

    /// <inheritdoc/>
    public override string DefaultMetric => "log_loss";

    /// <summary>Sorts class names: numerically when all are numbers, else by code unit.</summary>
    public static IReadOnlyList<string> Sort(IEnumerable<string> classes)
    {
        var all = classes.ToArray();
        var numbers = new double[all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            if (!double.TryParse(all[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                Array.Sort(all, StringComparer.Ordinal);
                return all;
            }
        }
        Array.Sort(numbers, all);
        return all;
    }

    /// <summary>Class index of every row [R].</summary>
    /// <exception cref="DataFormatException">A cell is missing or holds an unknown class.</exception>
    public int[] Labels(Table table)
    {
        var column = table[Target];
        var labels = new int[table.Rows];
        var codes = column as TextColumn;
        var known = codes?.Dictionary.Select(word => _index.GetValueOrDefault(word, -1)).ToArray();
        for (var row = 0; row < labels.Length; row++)
        {
            if (column.IsMissing(row)) throw new DataFormatException(table.Source, Line(table, row), Target, "The target is missing. Fill it in, or remove the row.");
            var label = known is not null ? known[codes!.Codes[row]] : _index.GetValueOrDefault(column.Text(row), -1);
            if (label < 0)
            {
                throw new DataFormatException(table.Source, Line(table, row), Target,
                    $"The class '{column.Text(row)}' is not one of the {Classes.Count} classes seen in training ({NearestName.Preview(Classes)}). " +
                    "Fix the row, or retrain with it in the training split.");
            }
            labels[row] = label;
        }
        return labels;
    }

    /// <inheritdoc/>
    public override Targets Encode(Table table)
    {
        var labels = Labels(table);
        if (Classes.Count > 2) return Targets.Classes(labels);
        var values = new float[labels.Length];
        for (var i = 0; i < values.Length; i++) values[i] = labels[i] == PositiveIndex ? 1 : 0;
        return Targets.Real(values);
    }

    /// <summary>Index of the predicted class of one row's probabilities [K]: the largest, the first of equals; of two classes the positive one from 0.5 on.</summary>
    public int Choose(ReadOnlySpan<float> probabilities)
    {
        if (Classes.Count == 2) return probabilities[PositiveIndex] >= 0.5f ? PositiveIndex : 1 - PositiveIndex;
        var best = 0;
        for (var k = 1; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[best]) best = k;
        }
        return best;
    }

    /// <inheritdoc/>
    public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions)
    {
        if (Classes.Count == 2)
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                var p = 1 / (1 + MathF.Exp(-outputs[i]));
                predictions[2 * i + PositiveIndex] = p;
                predictions[2 * i + 1 - PositiveIndex] = 1 / (1 + MathF.Exp(outputs[i]));
            }
            return;
        }
        Softmax(outputs, predictions, Classes.Count);
    }

    /// <inheritdoc/>
    public override void AppendOutputs(GraphBuilder graph, Value logits)
    {
        Value probabilities;
        if (Classes.Count == 2)
        {
            // σ(-x), not 1 - σ(x): small probabilities keep their digits.
            var (positive, negative) = (graph.Sigmoid(logits), graph.Sigmoid(graph.Node("Neg", [logits])));
            probabilities = graph.Concat(PositiveIndex == 1 ? [negative, positive] : [positive, negative], 1);   // [N, 2]
        }
        else
        {
            probabilities = graph.Node("Softmax", [logits], Attributes.Of(("axis", 1L)));   // [N, K]
        }
        var best = graph.Node("ArgMax", [probabilities], Attributes.Of(("axis", 1L), ("keepdims", 0L)));   // [N]
        long[] codes = [.. Enumerable.Range(0, Classes.Count).Select(i => (long)i)];
        var label = graph.Node("LabelEncoder", [best],
            Attributes.Of(("keys_int64s", codes), ("values_strings", Classes.ToArray()), ("default_string", "")), "ai.onnx.ml");
        graph.Output(label, OutputName(graph, "label"), DataType.String, new Shape("N"));
        graph.Output(probabilities, OutputName(graph, "probabilities"), DataType.Float, new Shape("N", Classes.Count));
    }

    /// <inheritdoc/>
    public override TaskDocument ToDocument() => new() { Name = Name, Target = Target, Classes = Classes, PositiveClass = PositiveClass };
}
