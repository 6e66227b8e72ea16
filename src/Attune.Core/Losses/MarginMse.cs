namespace Attune.Losses;

/// <summary>
/// (q·p - q·n - m)², mean over the examples: the student's margin between a positive and a negative should be the teacher's m (Hofstätter et al. 2020, arXiv:2010.02666,
/// equation 8). An example's rows: query, positive, negative; its value: m. Equals sentence-transformers <c>MarginMSELoss</c>.
/// </summary>
public sealed class MarginMse : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "margin-mse";

    /// <inheritdoc/>
    public override int RowsPerExample => 3;

    private protected override bool ReadsValues => true;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        double sum = 0;
        for (var row = 0; row < targets.Rows; row += 3)
        {
            var query = Row(x, row, width);
            var positive = Row(x, row + 1, width);
            var negative = Row(x, row + 2, width);
            var difference = Dot(query, positive) - Dot(query, negative) - targets.Values[row];
            sum += difference * difference;
            Add(Row(slopes, row, width), 2 * difference, positive);
            Add(Row(slopes, row, width), -2 * difference, negative);
            Add(Row(slopes, row + 1, width), 2 * difference, query);
            Add(Row(slopes, row + 2, width), -2 * difference, query);
        }
        return sum;
    }
}
