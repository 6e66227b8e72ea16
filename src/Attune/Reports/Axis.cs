namespace Attune.Reports;

/// <summary>A linear axis: values from <see cref="Low"/> to <see cref="High"/> on coordinates from <see cref="Start"/> to <see cref="End"/>.</summary>
internal readonly record struct Axis(double Low, double High, double Start, double End)
{
    /// <summary>The axis that shows every finite one of <paramref name="values"/> with a margin, from 0 to 1 when there is none.</summary>
    public static Axis Over(IEnumerable<double?> values, double start, double end, double margin = 0.05)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var value in values)
        {
            if (value is not { } x || !double.IsFinite(x)) continue;
            low = Math.Min(low, x);
            high = Math.Max(high, x);
        }
        if (low > high) (low, high) = (0, 1);
        var room = high > low ? (high - low) * margin : Math.Max(Math.Abs(low) * 0.1, 1e-6);
        return new Axis(low - room, high + room, start, end);
    }

    /// <summary>The coordinate of a value.</summary>
    public double At(double value) => Start + (value - Low) / (High - Low) * (End - Start);

    /// <summary>Round values inside the axis, <paramref name="count"/> or somewhat fewer or more of them.</summary>
    public IEnumerable<double> Ticks(int count = 5)
    {
        var rough = (High - Low) / count;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        for (var i = Math.Ceiling(Low / step - 1e-9); i * step <= High + step * 1e-9; i++) yield return Math.Round(i * step, 12) + 0.0;
    }
}
