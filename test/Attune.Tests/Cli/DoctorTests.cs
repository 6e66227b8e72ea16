using System.Text.Json;
using Attune.Cli;
using Attune.Engines.Torch;

namespace Attune.Tests.Cli;

public class DoctorTests
{
    [Fact]
    public void This_machine_has_what_tables_need()
    {
        var report = Doctor.Examine(Path.GetTempPath());
        Assert.True(report.Healthy, report.ToText());
        Assert.True(report.Machine.Cores >= 1 && report.Machine.MemoryMiB > 0);
        Assert.Contains("DuckDB v", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_and_text_say_the_same_in_any_culture()
    {
        var report = new DoctorReport(
            "0.1.0",
            new DoctorMachine("Linux", "X64", ".NET 10", 2, 1536, 512, ["AVX2"]),
            new DoctorLibrary(true, "1.5", null),
            new DoctorLibrary(false, null, "not found"),
            new TorchStatus(TorchLoad.NotAvailable, null, null, "libtorch was not found.", 0, false),
            new DoctorFolder("cache", true, null),
            new DoctorFolder("work", false, "read-only"));
        Assert.False(report.Healthy);
        Assert.Contains("1.5 GiB", report.ToText(), StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime does not load: not found", report.ToText(), StringComparison.Ordinal);
        Assert.Contains("work (not writable: read-only)", report.ToText(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal("not found", json.RootElement.GetProperty("onnxRuntime").GetProperty("reason").GetString());
        Assert.False(json.RootElement.GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told()
    {
        var file = Path.GetTempFileName();
        var report = Doctor.Examine(Path.Combine(file, "below-a-file"));
        Assert.False(report.WorkingFolder.Writable);
        Assert.False(report.Healthy);
        File.Delete(file);
    }
}
