namespace Attune.Encoding;

/// <summary>
/// Rows ready for a network: one block per graph input, all with the same number of rows, and optionally targets.
/// Engines gather rows by index; nothing here is copied per batch.
/// </summary>
public sealed class EncodedSet
{
    private readonly int[]? _unitStarts;

    /// <summary>A set over the given blocks, which are not copied.</summary>
    /// <param name="rows">Number of rows R.</param>
    /// <param name="inputs">One block per graph input.</param>
    /// <param name="targets">What should be learned, one a unit.</param>
    /// <param name="unitStarts">First unit of each row [R + 1] where rows have several outputs or none, as words of a text; null for one output a row.</param>
    /// <exception cref="ArgumentException">A block's length is not rows × width.</exception>
    public EncodedSet(int rows, IReadOnlyList<EncodedInput> inputs, Targets? targets = null, int[]? unitStarts = null)
    {
        foreach (var input in inputs)
        {
            if (input.Length != (long)rows * input.Width)
                throw new ArgumentException($"Input '{input.Name}' has {input.Length} values; {rows} rows of width {input.Width} need {(long)rows * input.Width}.", nameof(inputs));
        }
        if (unitStarts is not null && unitStarts.Length != rows + 1) throw new ArgumentException($"{unitStarts.Length} starts for {rows} rows; {rows + 1} are needed.", nameof(unitStarts));
        (Rows, Inputs, Targets, _unitStarts) = (rows, inputs, targets, unitStarts);
        if (targets is not null && targets.Rows != Units) throw new ArgumentException($"{targets.Rows} targets for {Units} outputs.", nameof(targets));
    }

    /// <summary>Number of rows R.</summary>
    public int Rows { get; }

    /// <summary>Number of outputs U: the rows, or what they consist of.</summary>
    public int Units => _unitStarts?[^1] ?? Rows;

    /// <summary>First output of each row [R + 1]; null for one a row.</summary>
    public IReadOnlyList<int>? UnitStarts => _unitStarts;

    /// <summary>One block per graph input, found by name.</summary>
    public IReadOnlyList<EncodedInput> Inputs { get; }

    /// <summary>What should be learned, one a unit; null when only predictions are wanted.</summary>
    public Targets? Targets { get; }

    /// <summary>Outputs of some rows.</summary>
    public int UnitsOf(ReadOnlySpan<int> rows)
    {
        if (_unitStarts is null) return rows.Length;
        var units = 0;
        foreach (var row in rows) units += _unitStarts[row + 1] - _unitStarts[row];
        return units;
    }

    /// <summary>First output of a row, and the number of its outputs.</summary>
    public (int Start, int Count) UnitsOf(int row) => _unitStarts is null ? (row, 1) : (_unitStarts[row], _unitStarts[row + 1] - _unitStarts[row]);

    /// <summary>Targets of some rows, copied into scratch memory that grows as needed.</summary>
    /// <param name="rows">Row indices.</param>
    /// <param name="view">View of targets that differ between views.</param>
    /// <param name="labels">Scratch memory.</param>
    /// <param name="values">Scratch memory.</param>
    /// <exception cref="ArgumentException">The set has no targets.</exception>
    public Losses.LossTargets TargetsOf(ReadOnlySpan<int> rows, int view, ref int[] labels, ref float[] values)
    {
        var targets = Targets ?? throw new ArgumentException("The rows have no targets to learn from.");
        var units = UnitsOf(rows);
        var at = 0;
        if (targets.Labels is { } classes)
        {
            if (labels.Length < units) labels = new int[units];
            foreach (var row in rows)
            {
                var (start, count) = UnitsOf(row);
                for (var unit = start; unit < start + count; unit++) labels[at++] = view >= 0 && targets.LabelInView is { } label ? label(unit, view) : classes[unit];
            }
            return new Losses.LossTargets { Labels = labels.AsSpan(0, units), ValueWidth = 1, Rows = units };
        }
        var width = targets.Width;
        if (values.Length < units * width) values = new float[units * width];
        foreach (var row in rows)
        {
            var (start, count) = UnitsOf(row);
            targets.Values.AsSpan(start * width, count * width).CopyTo(values.AsSpan(at));
            at += count * width;
        }
        return new Losses.LossTargets { Values = values.AsSpan(0, units * width), ValueWidth = width, Rows = units };
    }

    /// <summary>The same beside the outputs of a teacher, where there are some.</summary>
    /// <param name="rows">Row indices.</param>
    /// <param name="view">View of targets that differ between views.</param>
    /// <param name="labels">Scratch memory.</param>
    /// <param name="values">Scratch memory.</param>
    /// <param name="teacher">Scratch memory.</param>
    /// <exception cref="ArgumentException">The set has no targets.</exception>
    public Losses.LossTargets TargetsOf(ReadOnlySpan<int> rows, int view, ref int[] labels, ref float[] values, ref float[] teacher)
    {
        var own = TargetsOf(rows, view, ref labels, ref values);
        if (Targets!.Teacher is not { } outputs) return own;
        var width = outputs.Length / Targets.Rows;
        if (teacher.Length < own.Rows * width) teacher = new float[own.Rows * width];
        var at = 0;
        foreach (var row in rows)
        {
            var (start, count) = UnitsOf(row);
            outputs.AsSpan(start * width, count * width).CopyTo(teacher.AsSpan(at));
            at += count * width;
        }
        return own with { Teacher = teacher.AsSpan(0, at) };
    }
}

/// <summary>The rows of one graph input.</summary>
public abstract class EncodedInput(string name, int width)
{
    /// <summary>Name of the graph input.</summary>
    public string Name { get; } = name;

    /// <summary>Values per row.</summary>
    public int Width { get; } = width;

    /// <summary>Sizes of one row, without the batch axis; their product is <see cref="Width"/>. A plain block of numbers is [Width].</summary>
    public virtual IReadOnlyList<long> RowShape => [Width];

    /// <summary>Number of values, rows × width.</summary>
    public abstract long Length { get; }
}

/// <summary>Real numbers, [R, Width] row-major.</summary>
public sealed class FloatInput(string name, int width, float[] values) : EncodedInput(name, width)
{
    /// <summary>The values, [R, Width] row-major.</summary>
    public float[] Values { get; } = values;

    /// <inheritdoc/>
    public override long Length => Values.LongLength;
}

/// <summary>Indices into embedding tables, [R, Width] row-major.</summary>
public sealed class IndexInput(string name, int width, int[] values) : EncodedInput(name, width)
{
    /// <summary>The indices, [R, Width] row-major, each ≥ 0.</summary>
    public int[] Values { get; } = values;

    /// <inheritdoc/>
    public override long Length => Values.LongLength;
}

/// <summary>
/// Rows that are made when they are asked for, such as decoded images. Thread-safe; the same row and view give the same bits at any time, so that a run can be
/// resumed anywhere.
/// </summary>
/// <param name="name">Name of the graph input.</param>
/// <param name="rowShape">Sizes of one row, as [C, H, W].</param>
/// <param name="rows">Number of rows.</param>
public abstract class StreamedInput(string name, IReadOnlyList<long> rowShape, int rows) : EncodedInput(name, checked((int)rowShape.Aggregate(1L, (product, size) => product * size)))
{
    /// <summary>The view without augmentation: validation, prediction, and training when nothing is augmented.</summary>
    public const int PlainView = -1;

    /// <inheritdoc/>
    public override IReadOnlyList<long> RowShape { get; } = rowShape;

    /// <inheritdoc/>
    public override long Length { get; } = rowShape.Aggregate((long)rows, (product, size) => product * size);

    /// <summary>False when every view equals the plain one.</summary>
    public abstract bool IsAugmented { get; }

    /// <summary>Writes some rows, [rows.Length, Width] row-major.</summary>
    /// <param name="rows">Row indices in any order.</param>
    /// <param name="view"><see cref="PlainView"/>, or the number of an augmented view ≥ 0 (the epoch in training): (row, view) addresses all its randomness.</param>
    /// <param name="destination">rows.Length × Width values.</param>
    public abstract void Read(ReadOnlySpan<int> rows, int view, Span<float> destination);

    /// <summary>Says that these rows are read soon, so that they can be made ahead in the background. A hint: it changes no result.</summary>
    public virtual void Expect(ReadOnlySpan<int> rows, int view) { }
}

/// <summary>What should be learned: class indices or real values per row.</summary>
public sealed class Targets
{
    private Targets(int rows, int[]? labels, float[]? values, int width) => (Rows, Labels, Values, Width) = (rows, labels, values, width);

    /// <summary>The label of a unit in an augmented view ≥ 0, where it is another than in the plain one (masked tokens that are drawn anew in each epoch); null where views agree.</summary>
    public Func<int, int, int>? LabelInView { get; private init; }

    /// <summary>Number of rows R.</summary>
    public int Rows { get; }

    /// <summary>Class indices [R] in [0, K), or null.</summary>
    public int[]? Labels { get; }

    /// <summary>Real values [R, Width] row-major (0/1 for binary logits), or null.</summary>
    public float[]? Values { get; }

    /// <summary>Values per row; 1 for labels.</summary>
    public int Width { get; }

    /// <summary>Outputs of a teacher for the same rows [R, outputs], or null.</summary>
    public float[]? Teacher { get; private init; }

    /// <summary>What the tokens stand for where answers are read from them; null for other targets.</summary>
    public AnswerWindows? Windows { get; private init; }

    /// <summary>The same targets with what their tokens stand for.</summary>
    public Targets With(AnswerWindows windows) => new(Rows, Labels, Values, Width) { LabelInView = LabelInView, Teacher = Teacher, RowStarts = RowStarts, Windows = windows };

    /// <summary>First unit of each row [R + 1], where rows have several; null for one a row. Metrics count rows by it.</summary>
    public int[]? RowStarts { get; private init; }

    /// <summary>The same targets as units of rows.</summary>
    /// <param name="starts">First unit of each row [R + 1].</param>
    public Targets InRows(int[] starts) => new(Rows, Labels, Values, Width) { LabelInView = LabelInView, Teacher = Teacher, RowStarts = starts, Windows = Windows };

    /// <summary>The same targets beside the outputs of a teacher, [R, outputs] row-major.</summary>
    public Targets With(float[] teacher) => new(Rows, Labels, Values, Width) { Teacher = teacher, RowStarts = RowStarts };

    /// <summary>Targets of a softmax classifier.</summary>
    /// <param name="labels">Class indices of the plain view.</param>
    /// <param name="inView">Label of (unit, view); null where views agree.</param>
    public static Targets Classes(int[] labels, Func<int, int, int>? inView = null) => new(labels.Length, labels, null, 1) { LabelInView = inView };

    /// <summary>Real targets, or 0/1 targets of sigmoid outputs.</summary>
    public static Targets Real(float[] values, int width = 1) => new(values.Length / width, null, values, width);
}
