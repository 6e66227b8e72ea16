namespace Attune.Tests.Golden;

public sealed class VisionGoldenTests
{
    [Fact]
    public void Image_networks_agree_or_are_pending()
    {
        var all = VisionGolden.Run(GoldenTensors.Folder()).ToList();
        Assert.True(all.All(o => o.Status != "failed"), string.Join(Environment.NewLine, all.Where(o => o.Status == "failed").Select(o => $"{o.Case}: {o.Detail}")));
        Assert.True(all.Count(o => o.Status == "passed") >= 40, string.Join(Environment.NewLine, all.Select(o => $"{o.Case}: {o.Status} {o.Detail}")));
    }
}
