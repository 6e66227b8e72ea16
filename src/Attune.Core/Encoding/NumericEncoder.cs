using System.Globalization;
using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// Real numbers and dates: <c>y = clip(smooth((warp(x) - Center) / Divisor + Shift), Low, High)</c> with a <see cref="Warp"/> where there is one, and
/// <c>smooth(z) = z / √(1 + (z / k)²)</c> where k = <see cref="SmoothClip"/> > 0 (Holzmüller et al. 2024, arXiv:2407.04491), else z.
/// A missing cell counts as <see cref="Fill"/>, and sets a second output to 1 with <see cref="MissingFlag"/>. Computed in double, written as float.
/// </summary>
public sealed class NumericEncoder : ColumnEncoder
{
    // smooth(z) differs from ±k by less than a float's precision beyond this many k, and z² stays finite in float.
    private const double SmoothLimit = 1e4;

    /// <summary>An encoder that leaves numbers as they are until its properties say otherwise.</summary>
    public NumericEncoder(string column) : base(column) { }

    /// <summary>Value of a missing cell in the column's own unit, default 0.</summary>
    public double Fill { get; init; }

    /// <summary>True adds a second output: 1 where the cell is missing, else 0.</summary>
    public bool MissingFlag { get; init; }

    /// <summary>Applied first, in double; null (default) leaves x as it is.</summary>
    public NumericWarp? Warp { get; init; }

    /// <summary>Subtracted then, default 0.</summary>
    public double Center { get; init; }

    /// <summary>Divides then; not 0; default 1.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary>Added then, default 0.</summary>
    public double Shift { get; init; }

    /// <summary>Bound k of the smooth clip, which maps all numbers into (-k, k) and leaves small ones nearly as they are; 0 (default) is none.</summary>
    public double SmoothClip { get; init; }

    /// <summary>Smallest output, default -∞: none.</summary>
    public double Low { get; init; } = double.NegativeInfinity;

    /// <summary>Largest output, default +∞: none.</summary>
    public double High { get; init; } = double.PositiveInfinity;

    /// <summary>True for a column of dates: reads Unix milliseconds.</summary>
    public bool IsDate { get; init; }

    /// <summary>True where the graph input has to be double, because float would move a training row's output by more than 1e-5 relative to max(1, |y|).</summary>
    public bool IsDouble { get; init; }

    /// <inheritdoc/>
    public override DataType InputType => IsDate ? DataType.Int64 : IsDouble || Warp is not null ? DataType.Double : DataType.Float;

    /// <inheritdoc/>
    public override int Width => MissingFlag ? 2 : 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> FeatureNames => MissingFlag ? [Column, Column + " (missing)"] : [Column];

    /// <summary>The output of one number, in double; NaN is missing.</summary>
    public double Transform(double value) => Math.Clamp(Scale(double.IsNaN(value) ? Fill : value), Low, High);

    private double Scale(double value)
    {
        if (Warp is not null) value = Warp.Apply(value);
        var scaled = (value - Center) / Divisor + Shift;
        if (SmoothClip == 0) return scaled;
        var ratio = Math.Clamp(scaled / SmoothClip, -SmoothLimit, SmoothLimit);
        return SmoothClip * ratio / Math.Sqrt(1 + ratio * ratio);
    }

    /// <inheritdoc/>
    public override Value AppendTo(GraphBuilder graph, Value rawInput)
    {
        var isMissing = IsDate
            ? graph.Node("Equal", [rawInput, graph.Constant("encode.missing", Tensor.Of([DateColumn.Missing], 1))])
            : graph.Node("IsNaN", [rawInput]);
        var isDouble = InputType != DataType.Float;
        var y = IsDate ? graph.Node("Cast", [rawInput], Attributes.Of(("to", (long)DataType.Double))) : rawInput;
        Value Number(string hint, double value) => graph.Constant("encode." + hint, isDouble ? Tensor.Of([value]) : Tensor.Of([(float)value]));

        if (Warp is not null) y = Warp.AppendTo(graph, y);
        if (Center != 0) y = graph.Node("Sub", [y, Number("center", Center)]);
        if (Divisor != 1) y = graph.Node("Div", [y, Number("divisor", Divisor)]);
        if (Shift != 0) y = graph.Node("Add", [y, Number("shift", Shift)]);
        if (SmoothClip != 0)
        {
            var bound = Number("smooth", SmoothClip);
            var ratio = graph.Node("Clip", [graph.Node("Div", [y, bound]), Number("low", -SmoothLimit), Number("high", SmoothLimit)]);
            var root = graph.Node("Sqrt", [graph.Add(graph.Node("Mul", [ratio, ratio]), Number("one", 1))]);
            y = graph.Node("Div", [graph.Node("Mul", [ratio, bound]), root]);
        }
        if (double.IsFinite(Low) || double.IsFinite(High))
            y = graph.Node("Clip", [y, Number("low", Finite(Low, isDouble)), Number("high", Finite(High, isDouble))]);
        if (isDouble) y = graph.Node("Cast", [y], Attributes.Of(("to", (long)DataType.Float)));
        y = graph.Node("Where", [isMissing, graph.Constant("encode.fill", Tensor.Of([(float)Transform(Fill)])), y]);   // [N, 1]
        if (!MissingFlag) return y;
        var flag = graph.Node("Cast", [isMissing], Attributes.Of(("to", (long)DataType.Float)));
        return graph.Concat([y, flag], 1);   // [N, 2]
    }

    private static double Finite(double limit, bool isDouble)
        => isDouble ? Math.Clamp(limit, double.MinValue, double.MaxValue) : Math.Clamp(limit, float.MinValue, float.MaxValue);

    internal override Column Accept(Column column, string source, Func<int, long>? lineOfRow)
    {
        if (IsDate ? column is DateColumn : column is NumericColumn) return column;
        if (!IsDate && column is TextColumn text) return Parse(text, source, lineOfRow);
        for (var row = 0; row < column.Rows; row++)
        {
            if (column.IsMissing(row)) continue;
            throw new DataFormatException(source, lineOfRow?.Invoke(row), Column,
                $"'{column.Text(row)}' is not {(IsDate ? "a date" : "a number")}; the column held {(IsDate ? "dates" : "numbers")} in training. Fix the cell, or retrain with the column as it is now.");
        }
        return IsDate ? new DateColumn(Column, Filled(column.Rows, DateColumn.Missing)) : new NumericColumn(Column, Filled(column.Rows, double.NaN));
    }

    internal override int[] Map(Column column) => [];

    internal override ColumnCount Encode(Column column, int[] map, int first, int count, Span<float> destination, int stride, int offset)
    {
        var values = column is NumericColumn numeric ? numeric.Values.AsSpan(first, count) : [];
        var dates = column is DateColumn date ? date.Milliseconds.AsSpan(first, count) : [];
        var (missing, clipped) = (0L, 0L);
        var fill = (float)Transform(Fill);
        for (var row = 0; row < count; row++)
        {
            var value = !dates.IsEmpty ? (dates[row] == DateColumn.Missing ? double.NaN : dates[row]) : values[row];
            var at = row * stride + offset;
            if (double.IsNaN(value))
            {
                missing++;
                destination[at] = fill;
            }
            else
            {
                var y = Scale(value);
                if (y < Low) (y, clipped) = (Low, clipped + 1);
                else if (y > High) (y, clipped) = (High, clipped + 1);
                destination[at] = (float)y;
            }
            if (MissingFlag) destination[at + 1] = double.IsNaN(value) ? 1 : 0;
        }
        return new ColumnCount(Column, missing, 0, clipped);
    }

    internal override ColumnDocument ToDocument() => Warp is null ? Document() : Warp.WriteTo(Document());

    private ColumnDocument Document() => new()
    {
        Column = Column,
        Encoder = "numeric",
        Input = InputType switch { DataType.Int64 => "date", DataType.Double => "double", _ => "float" },
        Fill = Fill,
        MissingFlag = MissingFlag,
        Center = Center,
        Divisor = Divisor,
        Shift = Shift,
        SmoothClip = SmoothClip == 0 ? null : SmoothClip,
        Low = double.IsFinite(Low) ? Low : null,
        High = double.IsFinite(High) ? High : null,
    };

    private NumericColumn Parse(TextColumn text, string source, Func<int, long>? lineOfRow)
    {
        var values = new double[text.Rows];
        for (var row = 0; row < values.Length; row++)
        {
            if (text.Text(row) is not { Length: > 0 } cell) values[row] = double.NaN;
            else if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out values[row]) || !double.IsFinite(values[row]))
            {
                throw new DataFormatException(source, lineOfRow?.Invoke(row), Column,
                    $"'{cell}' is not a number; the column held numbers in training. Fix the cell, or name the word with --missing when it stands for an empty cell.");
            }
        }
        return new NumericColumn(Column, values);
    }

    private static T[] Filled<T>(int rows, T value)
    {
        var values = new T[rows];
        Array.Fill(values, value);
        return values;
    }
}
