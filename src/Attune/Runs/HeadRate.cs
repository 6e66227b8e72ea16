using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Methods;

namespace Attune.Runs;

/// <summary>
/// Learning rate of a fresh head over fixed vectors of texts. AdamW moves every weight by about the rate, so a step moves a logit by the rate times Σ|x| of the vector x that the head reads:
/// 18 for one of unit length and 512 numbers, some 400 for BERT's. One rate for both is far too small for the first or too large for the second; this one moves the logit by the same.
/// </summary>
internal static class HeadRate
{
    private const double LogitStep = 0.5;   // measured on validation rows (docs/log.md, 2026-11-24)
    private const double Least = 1e-4, Most = 0.1;
    private const int MostRows = 64;

    /// <summary>The rate, rounded to two digits.</summary>
    /// <param name="network">The network with its head.</param>
    /// <param name="train">Training rows; an even sample of 64 is looked at.</param>
    /// <param name="settings">How it is compiled.</param>
    /// <param name="engine">The engine.</param>
    public static double For(Graph network, EncodedSet train, CompileOptions settings, string engine)
    {
        var count = Math.Min(train.Rows, MostRows);
        int[] rows = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * train.Rows / count))];
        using var model = ModelEngine.Compile(HeadReplacement.CutAtFeatures(network), settings with { MaxRows = Math.Min(settings.MaxRows, count) }, engine);
        var vectors = new float[(long)train.UnitsOf(rows) * model.OutputWidth];
        model.Predict(train, rows, vectors);
        var size = vectors.Sum(x => Math.Abs((double)x)) / Math.Max(1, train.UnitsOf(rows));
        var rate = size > 0 && double.IsFinite(size) ? Math.Clamp(LogitStep / size, Least, Most) : Least;
        return double.Parse(rate.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
