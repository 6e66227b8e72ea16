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

    /// <summary>Number of rows.</summary>
    public int Rows { get; init; }
}
