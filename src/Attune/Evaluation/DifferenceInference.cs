using System.Globalization;
using Attune.Metrics;

namespace Attune.Evaluation;

/// <summary>
/// Interval, p value and detectable size of one metric's paired difference d on n rows, from the bootstrap's standard error s = sd(d*)·√(n/(n-1)):
/// interval d ± t₀.₉₇₅·s, p = P(|T| ≥ |d|/s), detectable (t₀.₉₇₅ + t₀.₈)·s, with Student's t on n - 1 degrees of freedom.
/// Up to 500 rows the degrees of freedom are those of the standard error itself, 2n/(κ - 1) with κ the kurtosis of the n jackknife differences, at least 4 and at most n - 1:
/// a few rows that carry most of the difference (a rare class, an outlier) then widen the interval.
/// In simulation (bench/verdict-simulation) this erred less on few rows than percentile and equal-tailed studentised intervals, and as little as the symmetric studentised one.
/// Accuracy, whose difference rests on few discordant rows, gets one pseudo-row for each model, as in Bonett and Price (2012, "Adjusted Wald confidence interval for a difference
/// of binomial proportions based on paired data"), and is centred accordingly. When only m rows differ at all, p is at least 2^(1-m), the smallest that
/// swapping the two models row by row can give, and the interval is widened to hold 0 where that is 0.05 or more.
/// </summary>
internal sealed class DifferenceInference
{
    private const int JackknifeRows = 500;
    private readonly Metric _metric;
    private readonly ScoredSet _before, _after;
    private readonly EvaluationSettings _settings;
    private readonly MetricValue _beforeValue, _afterValue;
    private readonly double[] _differences, _ownValues;

    public DifferenceInference(Metric metric, ScoredSet before, ScoredSet after, EvaluationSettings settings)
    {
        (_metric, _before, _after, _settings) = (metric, before, after, settings);
        (_beforeValue, _afterValue) = (metric.Compute(before), metric.Compute(after));
        _differences = new double[settings.Resamples];
        _ownValues = new double[settings.Resamples];
    }

    /// <summary>Notes resample <paramref name="b"/>; may be called from several threads for different resamples.</summary>
    public void Add(int b, Sample before, Sample after)
    {
        var own = _metric.Compute(before).OrNaN;
        (_ownValues[b], _differences[b]) = (own, _metric.Compute(after).OrNaN - own);
    }

    /// <summary>Draws the conclusion.</summary>
    public MetricComparison Conclude(string beforeName, string afterName)
    {
        var result = new MetricComparison
        {
            Word = Verdict.NoEvidence,
            Metric = _metric.Name,
            HigherIsBetter = _metric.HigherIsBetter,
            Before = new(beforeName, _beforeValue.Value),
            After = new(afterName, _afterValue.Value),
            Test = Inv($"paired bootstrap (t interval), {_settings.Resamples} resamples"),
            Rows = _before.Rows,
        };
        if (_beforeValue.Value is not { } first || _afterValue.Value is not { } second) return result with { Reason = _beforeValue.Reason ?? _afterValue.Reason };
        result = result with { Difference = second - first };
        if (_before.Rows < 2) return result with { Reason = "One row gives no interval." };
        var changed = _before.ChangedRows(_after, _metric.UsesLabelsOnly);
        if (changed == 0) return Unchanged(result);
        if (_metric is Accuracy) return Accuracy(result);
        if (StandardError(_differences) is not { } error) return result with { Reason = "No interval: too few rows of some class, so that many resamples leave the metric undefined." };
        return Decide(result, second - first, error, DegreesOfFreedom(), changed);
    }

    /// <summary>The same predictions: nothing to test, and the detectable size is that of independent errors as variable as these.</summary>
    private MetricComparison Unchanged(MetricComparison result)
    {
        var own = _metric is Accuracy ? AccuracyError(new double[2]) : StandardError(_ownValues) * Math.Sqrt(2);
        return result with
        {
            Difference = 0,
            Interval = new Interval(0, 0),
            PValue = 1,
            Test = "none: the predictions are the same",
            DetectableDifference = own is > 0 ? own * (Critical(0.975) + Critical(0.8)) : null,
        };
    }

    private MetricComparison Accuracy(MetricComparison result)
    {
        var (before, after) = ((ClassificationScores)_before, (ClassificationScores)_after);
        int lost = 0, won = 0;
        for (var row = 0; row < before.Rows; row++)
        {
            var (was, now) = (before.Predictions[row] == before.Labels[row], after.Predictions[row] == after.Labels[row]);
            if (was && !now) lost++;
            if (!was && now) won++;
        }
        var test = Inv($"paired bootstrap (t interval, one pseudo-row for each model), {_settings.Resamples} resamples; McNemar exact p {McNemar.ExactP(lost, won):0.####} on {lost} rows lost and {won} won");
        var difference = (won - lost) / (before.Rows + 2.0);
        return Decide(result with { Test = test }, difference, AccuracyError(_differences), before.Rows - 1, Math.Max(1, lost + won));
    }

    /// <summary>Two pseudo-rows, +1 and -1, drawn a Poisson number of times each, add 2 to the variance of the sum.</summary>
    private double AccuracyError(double[] resampled)
    {
        var mean = resampled.Average();
        double rows = _before.Rows, variance = resampled.Sum(value => (value - mean) * (value - mean)) / (resampled.Length - 1);
        return Math.Sqrt(rows * rows * variance + 2) / (rows + 2);
    }

    private static MetricComparison Decide(MetricComparison result, double centre, double error, double degrees, int changed)
    {
        var t = StudentDistribution.Quantile(0.975, degrees);
        var half = t * error;
        var p = error == 0 ? (centre == 0 ? 1 : 0) : StudentDistribution.TwoSided(centre / error, degrees);
        var least = Math.Pow(2, 1 - changed);
        if (least > p)
        {
            p = Math.Min(1, least);
            if (p >= 0.05) half = Math.Max(half, Math.Abs(centre));
        }
        var interval = new Interval(centre - half, centre + half);
        return result with
        {
            Interval = interval,
            PValue = p,
            DetectableDifference = error > 0 ? (t + StudentDistribution.Quantile(0.8, degrees)) * error : null,
            Word = interval.Contains(0) ? Verdict.NoEvidence : interval.Low > 0 == result.HigherIsBetter ? Verdict.Better : Verdict.Worse,
        };
    }

    private double DegreesOfFreedom()
    {
        var rows = _before.Rows;
        if (rows > JackknifeRows) return rows - 1;
        var (before, after, counts) = (_before.NewSample(), _after.NewSample(), new int[rows]);
        var differences = new List<double>(rows);
        Array.Fill(counts, 1);
        for (var row = 0; row < rows; row++)
        {
            counts[row] = 0;
            before.Take(counts, rows - 1);
            after.Take(counts, rows - 1);
            var difference = _metric.Compute(after).OrNaN - _metric.Compute(before).OrNaN;
            counts[row] = 1;
            if (double.IsFinite(difference)) differences.Add(difference);
        }
        if (differences.Count < 2) return rows - 1;
        var mean = differences.Average();
        var variance = differences.Average(d => (d - mean) * (d - mean));
        var kurtosis = differences.Average(d => Math.Pow(d - mean, 4)) / (variance * variance);
        return kurtosis > 1 ? Math.Clamp(2 * rows / (kurtosis - 1), Math.Min(4, rows - 1), rows - 1) : rows - 1;
    }

    private double Critical(double p) => StudentDistribution.Quantile(p, _before.Rows - 1);

    /// <summary>Null when more than one resample in twenty leaves the metric undefined.</summary>
    private double? StandardError(double[] resampled)
    {
        var values = Array.FindAll(resampled, double.IsFinite);
        if (values.Length < 0.95 * resampled.Length) return null;
        var mean = values.Average();
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
        return Math.Sqrt(variance * _before.Rows / (_before.Rows - 1));
    }

    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
