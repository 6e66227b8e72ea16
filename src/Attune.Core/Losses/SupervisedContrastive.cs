namespace Attune.Losses;

/// <summary>
/// Pulls rows of one class together and pushes all others away: for each row the mean over the other rows p of its class of -(T/T₀)·log softmax(x·x_p/T) among all rows but
/// itself, mean over the rows (Khosla et al. 2020, arXiv:2004.11362, equation 2). With several views the rows of an example stand one after the other; without labels every
/// example is a class of its own (SimCLR's NT-Xent, Chen et al. 2020, arXiv:2002.05709). A row without another of its class costs 0 and stays in the mean. Equals
/// SupContrast <c>SupConLoss</c>, which takes rows of length 1 as they are. Micro-batches would change it.
/// </summary>
/// <param name="temperature">T &gt; 0; default 0.07.</param>
/// <param name="baseTemperature">T₀ &gt; 0; default null: T.</param>
/// <param name="views">Rows per example; default 1.</param>
/// <param name="normalize">Divides each row by its length first; default true.</param>
public sealed class SupervisedContrastive(double temperature = 0.07, double? baseTemperature = null, int views = 1, bool normalize = true) : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "supervised-contrastive";

    /// <inheritdoc/>
    public override int RowsPerExample => views;

    /// <inheritdoc/>
    public override bool CouplesRows => true;

    private protected override bool Normalizes => normalize;

    /// <summary>Number of rows, all views counted.</summary>
    public override double Count(in LossTargets targets) => targets.Rows;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        var rows = targets.Rows;
        if (!targets.Labels.IsEmpty && targets.Labels.Length != rows) throw new ArgumentException($"{Name}: {targets.Labels.Length} labels for {rows} rows; it needs one class index per row, or none.");
        var classes = new int[rows];
        for (var i = 0; i < rows; i++) classes[i] = targets.Labels.IsEmpty ? i / views : targets.Labels[i];
        var factor = temperature / (baseTemperature ?? temperature);
        var scores = new double[rows];
        double sum = 0;
        for (var row = 0; row < rows; row++)
        {
            var positives = 0;
            var max = double.NegativeInfinity;
            for (var j = 0; j < rows; j++)
            {
                scores[j] = Dot(Row(x, row, width), Row(x, j, width)) / temperature;
                if (j == row) continue;
                max = Math.Max(max, scores[j]);
                if (classes[j] == classes[row]) positives++;
            }
            if (positives == 0) continue;
            double total = 0;
            for (var j = 0; j < rows; j++) total += j == row ? 0 : Math.Exp(scores[j] - max);
            var log = max + Math.Log(total);
            for (var j = 0; j < rows; j++)
            {
                if (j == row) continue;
                var share = classes[j] == classes[row] ? 1.0 / positives : 0;
                sum += factor * share * (log - scores[j]);
                var slope = factor * (Math.Exp(scores[j] - log) - share) / temperature;
                Add(Row(slopes, row, width), slope, Row(x, j, width));
                Add(Row(slopes, j, width), slope, Row(x, row, width));
            }
        }
        return sum;
    }
}
