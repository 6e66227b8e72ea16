namespace Attune.Tests.Golden;

public sealed class TextGoldenTests
{
    [Fact]
    public void Text_networks_agree_forward_and_in_training()
    {
        var all = TextGolden.Run(GoldenTensors.Folder()).ToList();
        Assert.True(all.All(o => o.Status != "failed"), string.Join(Environment.NewLine, all.Where(o => o.Status == "failed").Select(o => $"{o.Case}: {o.Detail}")));
        Assert.True(all.Count(o => o.Status == "passed") >= 8, string.Join(Environment.NewLine, all.Select(o => $"{o.Case}: {o.Status} {o.Detail}")));
    }
}
