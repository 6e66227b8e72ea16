using Attune.Evaluation;
using Attune.Randomness;

namespace Attune.Tests.Evaluation;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-5, 2.8665157187919391e-7)]
    public void Normal_probabilities(double x, double expected) => Assert.Equal(1, NormalDistribution.Cumulative(x) / expected, 1e-12);

    [Theory]
    [InlineData(0.975, 1, 12.706204736432095)]
    [InlineData(0.975, 10, 2.2281388519649385)]
    [InlineData(0.975, 1e9, 1.959963984540054)]
    [InlineData(0.8, 99, 0.84526682)]
    public void Student_quantiles(double p, double degrees, double expected) => Assert.Equal(1, StudentDistribution.Quantile(p, degrees) / expected, 1e-6);

    [Fact]
    public void A_resample_has_as_many_rows_and_every_row_is_drawn_equally_often()
    {
        var totals = new int[10];
        for (var b = 0; b < 20_000; b++)
        {
            var counts = new int[10];
            Bootstrap.Draw(new Philox(1, "bootstrap", b), counts);
            Assert.Equal(10, counts.Sum());
            for (var i = 0; i < 10; i++) totals[i] += counts[i];
        }
        Assert.All(totals, total => Assert.InRange(total, 19_400, 20_600));
    }
}
