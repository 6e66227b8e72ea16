namespace Attune.Optimizers;

/// <summary>State buffers of some elements, as many as <see cref="Optimizer.StateCount"/> says; the others are empty.</summary>
public readonly ref struct OptimizerState
{
    /// <summary>State over memory.</summary>
    public OptimizerState(Span<float> first, Span<float> second = default, Span<float> third = default, Span<float> fourth = default)
    {
        First = first;
        Second = second;
        Third = third;
        Fourth = fourth;
    }

    /// <summary>First buffer.</summary>
    public Span<float> First { get; }

    /// <summary>Second buffer.</summary>
    public Span<float> Second { get; }

    /// <summary>Third buffer.</summary>
    public Span<float> Third { get; }

    /// <summary>Fourth buffer.</summary>
    public Span<float> Fourth { get; }

    /// <summary>Most buffers that a rule can have.</summary>
    public const int Most = 4;

    /// <summary>The buffer of an index, 0-based.</summary>
    public Span<float> this[int index] => index switch { 0 => First, 1 => Second, 2 => Third, _ => Fourth };

    /// <summary>State over as many arrays as the rule keeps, or over a range of each.</summary>
    public static OptimizerState Of(IReadOnlyList<float[]> buffers, int start = 0, int? length = null)
    {
        Span<float> Buffer(int i) => i < buffers.Count ? buffers[i].AsSpan(start, length ?? buffers[i].Length - start) : [];
        return new OptimizerState(Buffer(0), Buffer(1), Buffer(2), Buffer(3));
    }
}
