namespace Attune.Tests.Golden;

public sealed class VisionGoldenTests
{
    [Fact]
    public void Image_networks_agree_forward_and_in_training()
    {
        var all = VisionGolden.Run(GoldenTensors.Folder()).ToList();
        Assert.True(all.All(o => o.Status != "failed"), string.Join(Environment.NewLine, all.Where(o => o.Status == "failed").Select(o => $"{o.Case}: {o.Detail}")));
        Assert.True(all.Count >= 61 && all.All(o => o.Status == "passed"), string.Join(Environment.NewLine, all.Select(o => $"{o.Case}: {o.Status} {o.Detail}")));
    }
}
