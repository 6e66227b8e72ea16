namespace Attune.Losses;

/// <summary>
/// A differentiable objective over network outputs. <c>loss = Sum / Count</c>; the caller divides by the count of the whole accumulation window,
/// so that accumulation equals the big batch exactly. Implementations are immutable and thread-safe.
/// </summary>
public abstract class Loss
{
    /// <summary>Name under which users choose it (snake-case of the field's term, e.g. <c>cross-entropy</c>).</summary>
    public abstract string Name { get; }

    /// <summary>The normaliser of these rows: their number, or the sum of their weights. Ignored rows count 0.</summary>
    /// <param name="targets">Targets of the rows.</param>
    public abstract double Count(in LossTargets targets);

    /// <summary>Returns the sum over rows and writes its gradient times <paramref name="scale"/>.</summary>
    /// <param name="outputs">Network outputs, [rows, width] row-major.</param>
    /// <param name="width">Outputs per row.</param>
    /// <param name="targets">Targets of the same rows.</param>
    /// <param name="gradient">Receives d(sum)/d(outputs) × scale, [rows, width]; empty when only the value is wanted.</param>
    /// <param name="scale">Usually 1 / (count of the accumulation window).</param>
    /// <exception cref="ArgumentException">Shapes do not agree (never broadcast).</exception>
    public abstract double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale);

    /// <summary>Output rows of one example, which stand one after the other (anchor, positive, negatives). Default 1.</summary>
    public virtual int RowsPerExample => 1;

    /// <summary>Forward passes of each row, whose outputs stand one after the other; random nodes draw anew in each. Default 1; 2 for R-Drop.</summary>
    public virtual int ForwardPasses => 1;

    /// <summary>True when the rows of a batch are compared with each other, so that micro-batches would change what is minimised. Default false.</summary>
    public virtual bool CouplesRows => false;

    /// <summary>True when <see cref="LossTargets.Teacher"/> is read. Default false.</summary>
    public virtual bool NeedsTeacher => false;

    /// <summary>What is measured where nothing trains: one pass, no teacher, no penalty. Default: this loss.</summary>
    public virtual Loss Measured => this;
}

/// <summary>Targets of some rows: either <see cref="Labels"/> or <see cref="Values"/> is filled.</summary>
public readonly ref struct LossTargets
{
    /// <summary>Class indices [rows].</summary>
    public ReadOnlySpan<int> Labels { get; init; }

    /// <summary>Real values [rows, ValueWidth] row-major.</summary>
    public ReadOnlySpan<float> Values { get; init; }

    /// <summary>Values per row, 1 unless multi-output.</summary>
    public int ValueWidth { get; init; }

    /// <summary>Outputs of a teacher for the same rows, [rows, width]; empty without one.</summary>
    public ReadOnlySpan<float> Teacher { get; init; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; init; }

    /// <summary>Rows [start, start + rows) of these.</summary>
    public LossTargets Slice(int start, int rows)
    {
        var teacherWidth = Rows == 0 ? 0 : Teacher.Length / Rows;
        return new LossTargets
        {
            Labels = Labels.IsEmpty ? [] : Labels.Slice(start, rows),
            Values = Values.IsEmpty ? [] : Values.Slice(start * ValueWidth, rows * ValueWidth),
            Teacher = Teacher.IsEmpty ? [] : Teacher.Slice(start * teacherWidth, rows * teacherWidth),
            ValueWidth = ValueWidth,
            Rows = rows,
        };
    }
}
