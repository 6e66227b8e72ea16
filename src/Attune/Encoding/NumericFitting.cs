using Attune.Data;

namespace Attune.Encoding;

/// <summary>Fits a <see cref="NumericEncoder"/> or <see cref="BinEncoder"/> to the numbers of training rows.</summary>
internal static class NumericFitting
{
    private const double FloatRounding = 1.0 / (1 << 24);

    /// <summary>Fits one column of numbers or dates; statistics are over the cells that are there.</summary>
    public static ColumnEncoder Fit(string name, Column column, EncodingOptions options)
    {
        var values = Present(column);
        var (fill, center, divisor, shift) = (options.FillValue, 0.0, 1.0, 0.0);
        var (min, max) = Range(values);
        var (mean, deviation) = values.Length == 0 ? (0, 1) : Moments(values, min, max);
        if (values.Length > 0)
        {
            fill = options.Impute switch
            {
                ImputeStrategy.Mean => mean,
                ImputeStrategy.Median => OrderStatistics.Median(values),
                ImputeStrategy.MostFrequent => OrderStatistics.MostFrequent(values),
                _ => options.FillValue,
            };
        }
        var isDate = column is DateColumn;
        var flags = options.MissingFlags == MissingFlags.Always || (options.MissingFlags == MissingFlags.Auto && values.Length < column.Rows);
        if (options.Numeric is NumericScaling.Bins or NumericScaling.BinIndex)
            return new BinEncoder(name, BinFitting.Edges(values, options.Bins, options.BinEdges)) { Fill = fill, MissingFlag = flags, IsOrdinal = options.Numeric == NumericScaling.BinIndex, IsDate = isDate };
        var warp = values.Length == 0 ? null : WarpFitting.Fit(values, options);
        switch (options.Numeric)
        {
            case NumericScaling.Standard:
                (center, divisor) = (options.Center ? mean : 0, options.Scale ? deviation : 1);
                break;
            case NumericScaling.YeoJohnson or NumericScaling.BoxCox when warp is not null && options.Scale:
                var changed = Array.ConvertAll(values, warp.Apply);
                var (least, most) = Range(changed);
                (center, divisor) = Moments(changed, least, most);
                break;
            case NumericScaling.MaxAbs:
                divisor = Math.Max(Math.Abs(min), Math.Abs(max));
                break;
            case NumericScaling.MinMax:
                (center, divisor, shift) = (min, (max > min ? max - min : 1) / (options.RangeHigh - options.RangeLow), options.RangeLow);
                break;
            case NumericScaling.Robust when values.Length > 0:
                (center, divisor) = (options.Center ? OrderStatistics.Median(values) : 0, options.Scale ? Spread(values, min, max, options) : 1);
                break;
            case NumericScaling.Divide:
                divisor = options.Divisor;
                break;
        }
        // Spreads at the ends of a double's range round to 0 or infinity.
        divisor = divisor == 0 ? 1 : Math.Clamp(divisor, double.MinValue, double.MaxValue);
        var (low, high) = Limits(options);
        return new NumericEncoder(name)
        {
            IsDate = isDate,
            Warp = warp,
            IsDouble = !isDate && warp is null && NeedsDouble(min, max, fill, center, divisor, shift),
            Fill = fill,
            MissingFlag = flags,
            Center = center,
            Divisor = divisor,
            Shift = shift,
            SmoothClip = options.SmoothClip,
            Low = low,
            High = high,
        };
    }

    /// <summary>The first training value that Box-Cox's transform cannot take; null when all are positive.</summary>
    public static double? NotPositive(Column column) => Array.FindIndex(Present(column), v => !(v > 0)) is >= 0 and var at ? Present(column)[at] : null;

    private static double[] Present(Column column)
    {
        var values = new double[column.Rows];
        var count = 0;
        if (column is DateColumn dates)
        {
            foreach (var value in dates.Milliseconds)
            {
                if (value != DateColumn.Missing) values[count++] = value;
            }
        }
        else
        {
            foreach (var value in ((NumericColumn)column).Values)
            {
                if (!double.IsNaN(value)) values[count++] = value;
            }
        }
        return count == values.Length ? values : values[..count];
    }

    private static (double Min, double Max) Range(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return (0, 0);
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values) (min, max) = (Math.Min(min, value), Math.Max(max, value));
        return (min, max);
    }

    // Two passes, the second corrected by its own residual (Chan, Golub, LeVeque 1983): exact to a few units in the last place.
    private static (double Mean, double Deviation) Moments(ReadOnlySpan<double> values, double min, double max)
    {
        if (min == max) return (min, 1);
        var unit = Math.Max(Math.Abs(min), Math.Abs(max));
        if (unit is > 1e-100 and < 1e100) unit = 1;   // squares of anything else would leave the range of a double
        double n = values.Length, sum = 0;
        foreach (var value in values) sum += value / unit;
        var mean = sum / n;
        var (residual, squares) = (0.0, 0.0);
        foreach (var value in values)
        {
            var difference = value / unit - mean;
            residual += difference;
            squares += difference * difference;
        }
        var variance = (squares - residual * residual / n) / n;
        mean += residual / n;
        // scikit-learn's rule: a variance below what rounding alone makes is none.
        var noise = n * 2.220446049250313e-16 * variance + Math.Pow(n * mean * 2.220446049250313e-16, 2);
        return variance <= noise ? (mean * unit, 1) : (mean * unit, Math.Sqrt(variance) * unit);
    }

    // Half the range where most values are one and the same (Holzmüller et al. 2024), where scikit-learn would divide by 1 and leave the rest unscaled.
    private static double Spread(Span<double> values, double min, double max, EncodingOptions options)
    {
        var spread = OrderStatistics.Quantile(values, options.RobustHigh) - OrderStatistics.Quantile(values, options.RobustLow);
        if (!(spread > 0) || !double.IsFinite(spread)) spread = max / 2 - min / 2;
        if (!(spread > 0)) spread = 1;
        return options.UnitVariance ? spread / (NormalQuantile.Of(options.RobustHigh) - NormalQuantile.Of(options.RobustLow)) : spread;
    }

    private static (double Low, double High) Limits(EncodingOptions options)
    {
        if (options.Numeric == NumericScaling.MinMax && options.ClipToRange) return (options.RangeLow, options.RangeHigh);
        return options.Clip > 0 && options.Numeric is NumericScaling.Standard or NumericScaling.MinMax or NumericScaling.Robust or NumericScaling.YeoJohnson or NumericScaling.BoxCox
            ? (-options.Clip, options.Clip)
            : (double.NegativeInfinity, double.PositiveInfinity);
    }

    // True where rounding x and the constants to float could move y by more than 1e-5 relative to max(1, |y|) for some x in the training range.
    private static bool NeedsDouble(double min, double max, double fill, double center, double divisor, double shift)
    {
        foreach (var constant in (ReadOnlySpan<double>)[min, max, fill, center, divisor])
        {
            if (constant != 0 && Math.Abs(constant) is < 1e-37 or > 1e37) return true;
        }
        foreach (var point in (ReadOnlySpan<double>)[min, max, center, center - divisor, center + divisor])
        {
            var x = Math.Clamp(point, min, max);
            var error = (Math.Abs(x) + Math.Abs(center)) / Math.Abs(divisor) * FloatRounding;
            if (error > 5e-6 * Math.Max(1, Math.Abs((x - center) / divisor + shift))) return true;
        }
        return false;
    }
}
