using System.Diagnostics;
using System.Text.RegularExpressions;
using Attune.Reports;

namespace Attune.Tests.Reports;

/// <summary>The page in a real browser; skipped where Chromium is not installed.</summary>
public sealed class HtmlReportBrowserTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("attune-report-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Curves_are_drawn_without_a_script_error()
    {
        var folder = SampleRuns.Binary(Path.Combine(_root, "run"), ["no", SampleRuns.Hostile], SampleRuns.Hostile);
        File.WriteAllText(folder.ReportFile, HtmlReport.Create(folder));
        var (dom, log) = await Load(folder.ReportFile);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Count(dom, "<figure class=\"plot drawn\">"));
        Assert.Equal(4, Regex.Count(dom, "<canvas"));
        Assert.DoesNotContain("NaN", Regex.Replace(dom, "<script.*?</script>", "", RegexOptions.Singleline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_broken_on_purpose_is_noticed()
    {
        var path = Path.Combine(_root, "broken.html");
        File.WriteAllText(path, "<!DOCTYPE html><script>undefinedFunction()</script>");
        Assert.Contains("undefinedFunction", (await Load(path)).Log, StringComparison.Ordinal);
    }

    private async Task<(string Dom, string Log)> Load(string path)
    {
        var browser = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "no Chromium here: apt-get install chromium");
        using var process = Process.Start(new ProcessStartInfo(browser!,
            ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", $"--user-data-dir={_root}/profile", "--dump-dom", "file://" + path])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var log = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), await log);
    }
}
