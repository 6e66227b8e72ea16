namespace Attune.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("lable", "label")]
    [InlineData("Label", "label")]
    [InlineData("labels", "label")]
    [InlineData("epoch", "epochs")]
    [InlineData("trainnig.epochs", "training.epochs")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void Nearest_name_counts_swapped_neighbours_once(string typed, string? expected)
        => Assert.Equal(expected, NearestName.Find(typed, ["label", "epochs", "training.epochs", "size"]));

    [Fact]
    public void Names_beyond_measure_are_not_compared() => Assert.Null(NearestName.Find(new string('a', 5000), [new string('a', 5001)]));
}
