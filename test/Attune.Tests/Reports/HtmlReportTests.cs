using System.Text.RegularExpressions;
using Attune.Evaluation;
using Attune.Reports;
using Attune.Runs;

namespace Attune.Tests.Reports;

public sealed partial class HtmlReportTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("attune-report-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Two_classes_get_verdict_curves_matrix_roc_calibration_rows_data_and_command()
    {
        var html = HtmlReport.Create(SampleRuns.Binary(_root));
        AssertSections(html, "answer", "metrics", "curves", "confusion", "probabilities", "worst", "data", "settings", "meaning");
        Assert.Contains("The tuned model is better", html, StringComparison.Ordinal);
        Assert.Contains("ROC curve", html, StringComparison.Ordinal);
        Assert.Contains("<b>Calibration</b>", html, StringComparison.Ordinal);
        Assert.Contains("attune tune --data samples/data/table.csv --target &#39;diagnosis&#39;", html, StringComparison.Ordinal);
        Assert.Contains("training.epochs<td>60", html, StringComparison.Ordinal);
        Assert.Contains("Column &#39;id&#39; is left out", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_classes_get_a_matrix_up_to_thirty_and_the_worst_pairs_beyond()
    {
        var letters = HtmlReport.Create(SampleRuns.Letters(_root + "/letters"));
        Assert.Contains("class=\"matrix dense\"", letters, StringComparison.Ordinal);
        Assert.DoesNotContain("ROC curve", letters, StringComparison.Ordinal);
        var many = HtmlReport.Create(SampleRuns.Letters(_root + "/many", 60));
        Assert.DoesNotContain("<table class=\"matrix", many, StringComparison.Ordinal);
        Assert.Contains("60 classes are too many for a matrix", many, StringComparison.Ordinal);
    }

    [Fact]
    public void A_regression_gets_predictions_and_residuals_instead_of_classes()
    {
        var html = HtmlReport.Create(SampleRuns.Prices(_root));
        AssertSections(html, "answer", "metrics", "curves", "residuals", "worst", "data", "settings", "meaning");
        Assert.Contains("No evidence of a difference", html, StringComparison.Ordinal);
        Assert.Equal(1000, Regex.Count(html, "<circle class=\"p\""));
        Assert.DoesNotContain("id=\"confusion\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_get_a_table_of_their_figures_and_worst_rows_with_values()
    {
        var html = HtmlReport.Create(SampleRuns.Labels(_root));
        AssertSections(html, "answer", "metrics", "curves", "classes", "worst", "data", "settings", "meaning");
        Assert.Contains("<h2 id=\"classes\">Labels</h2>", html, StringComparison.Ordinal);
        Assert.Matches("<tr><th scope=\"row\">cat<td class=\"n\">1\\d\\d<td class=\"n\">0", html);
        Assert.Matches("<tr><th scope=\"row\">never<td class=\"n\">0<td class=\"n\">0.0000<td class=\"n\">–<td class=\"n\">0.0000<td class=\"n\">–<td class=\"n\">–</tr>", html);
        Assert.Contains("<th scope=\"col\">size<th scope=\"col\">&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain(SampleRuns.Hostile, html, StringComparison.Ordinal);
        Assert.Contains("F1, macro", html, StringComparison.Ordinal);
        Assert.Contains("(none)", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_too_many_for_a_matrix_get_the_table()
    {
        var html = HtmlReport.Create(SampleRuns.Letters(_root, 120));
        AssertSections(html, "answer", "metrics", "curves", "classes", "probabilities", "worst", "data", "settings", "meaning");
        Assert.Contains("<tr><th scope=\"row\">class 119<td", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Worst_rows_that_are_pictures_are_shown_with_words_for_those_who_cannot_see_them()
    {
        var folder = SampleRuns.Labels(_root, paths: true);
        var worst = EvaluationReport.FromJson(File.ReadAllText(folder.EvaluationFile)).Splits["test"].WorstRows!;
        var png = File.ReadAllBytes(TestFiles.At("test", "data", "gradient.png"));
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 7];
        var html = HtmlReport.Create(folder, row => row == worst[0].Row ? png : row == worst[1].Row ? jpeg : null);
        Assert.Contains($"src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"", html, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/jpeg;base64,/9j/4Ac=\"", html, StringComparison.Ordinal);
        Assert.Contains($"<img alt=\"photos/{worst[0].Row}.jpg: truth ", html, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(html, "<img "));
        Assert.Equal(worst.Count - 2, Regex.Count(html, "no picture</p>"));
        Assert.All(worst, row => Assert.Contains($"photos/{row.Row}.jpg</span>", html, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_thumbnails_pictures_are_named_by_file()
    {
        var html = HtmlReport.Create(SampleRuns.Labels(_root, paths: true));
        Assert.Contains("<th scope=\"col\">File", html, StringComparison.Ordinal);
        Assert.Matches("<td>photos/\\d+\\.jpg</tr>", html);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Worst_rows_are_numbered_as_in_the_data_file()
    {
        var folder = SampleRuns.Binary(_root);
        var worst = EvaluationReport.FromJson(File.ReadAllText(folder.EvaluationFile)).Splits["test"].WorstRows![0].Row;
        Assert.Contains($"<th scope=\"row\" class=\"n\">{Figures.Count(worst * 5 + 1)}<td>", HtmlReport.Create(folder), StringComparison.Ordinal);   // every fifth row is a test row
    }

    [Fact]
    public void An_unfinished_run_says_what_is_missing()
    {
        var html = HtmlReport.Create(SampleRuns.Interrupted(_root));
        Assert.Contains("No verdict yet", html, StringComparison.Ordinal);
        Assert.Contains("This run is interrupted: the model was not evaluated, before and after were not compared", html, StringComparison.Ordinal);
        AssertSections(html, "curves", "data", "settings", "meaning");
    }

    [Fact]
    public void A_run_of_which_only_run_json_exists_has_a_report()
    {
        var folder = SampleRuns.Interrupted(_root);
        File.Delete(folder.EventsFile);
        File.Delete(folder.SplitFile);
        var html = HtmlReport.Create(folder);
        Assert.Contains("events.jsonl is missing or empty", html, StringComparison.Ordinal);
        Assert.Contains("split.json) is missing", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_data_never_becomes_markup()
    {
        var html = HtmlReport.Create(SampleRuns.Binary(_root, ["\"><img src=x onerror=alert(1)>", SampleRuns.Hostile], SampleRuns.Hostile));
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;it&#39;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(\"x\")", html, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(html, "<script"), Regex.Count(html, "</script"));
    }

    [Fact]
    public void The_same_files_give_the_same_bytes_in_any_folder()
        => Assert.Equal(HtmlReport.Create(SampleRuns.Prices(_root + "/a")), HtmlReport.Create(SampleRuns.Prices(_root + "/b")));

    [Fact]
    public void The_page_loads_nothing_and_stays_small()
    {
        foreach (var folder in new[] { SampleRuns.Binary(_root + "/a"), SampleRuns.Letters(_root + "/b"), SampleRuns.Prices(_root + "/c") })
        {
            var html = HtmlReport.Create(folder);
            Assert.DoesNotMatch("(src|href|srcset|action|data)\\s*=\\s*[\"']?(https?:|//)", html);
            Assert.DoesNotContain("<link", html, StringComparison.Ordinal);
            Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
            Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
            Assert.True(System.Text.Encoding.UTF8.GetByteCount(html) < 200_000);
        }
    }

    [Fact]
    public void Long_histories_are_thinned_and_keep_the_best_epoch()
    {
        var folder = SampleRuns.Binary(_root);
        File.WriteAllLines(folder.EventsFile, Enumerable.Range(0, 20_000).Select(e =>
            $"{{\"type\":\"epoch\",\"epoch\":{e},\"step\":{e + 1},\"trainLoss\":0.5,\"validationLoss\":0.5,\"metric\":0.5,\"best\":{(e is 0 or 12_345 ? "true" : "false")},\"learningRate\":0.001,\"gradientNorm\":null}}"));
        var history = TrainingHistory.Read(folder.EventsFile)!;
        Assert.InRange(history.Epochs.Count, 400, 501);
        Assert.Equal((1.0, 12_346.0, 20_000.0), (history.Epochs[0].Epoch, history.Best!.Epoch, history.Epochs[^1].Epoch));
        Assert.Contains("The weights of epoch 12\u202F346 are kept", HtmlReport.Create(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_line_that_a_kill_cut_off_is_no_damage()
    {
        var folder = SampleRuns.Binary(_root);
        var whole = HtmlReport.Create(folder);
        File.AppendAllText(folder.EventsFile, "{\"type\":\"epo");
        Assert.Equal(whole, HtmlReport.Create(folder));
    }

    [Theory]
    [InlineData("run.json", "{")]
    [InlineData("run.json", "[]")]
    [InlineData("run.json", "")]
    [InlineData("run.json", "{\"options\":3}")]
    [InlineData("run.json", "{\"command\":{}}")]
    [InlineData("run.json", "{\"notes\":[1]}")]
    [InlineData("events.jsonl", "{\"type\":\"epoch\"}\n")]
    [InlineData("events.jsonl", "not json\n")]
    [InlineData("events.jsonl", "{\"type\":7}\n")]
    [InlineData("split.json", "null")]
    [InlineData("split.json", "{}")]
    [InlineData("evaluation.json", "{\"task\":1}")]
    [InlineData("evaluation.json", "{\"task\":\"x\",\"classes\":[\"a\"],\"splits\":{\"test\":{\"metrics\":{},\"confusionMatrix\":[[1,2]]}}}")]
    [InlineData("evaluation.json", "{\"task\":\"x\",\"classes\":[\"a\"],\"splits\":{\"test\":{\"metrics\":{},\"classes\":[]}}}")]
    [InlineData("verdict.json", "\"better\"")]
    [InlineData("verdict.json", "{\"verdict\":\"better\"")]
    public void Damaged_files_are_named(string file, string text)
    {
        var folder = SampleRuns.Binary(_root);
        File.WriteAllText(Path.Combine(_root, file), text);
        var e = Assert.Throws<DataFormatException>(() => HtmlReport.Create(folder));
        Assert.EndsWith(file, e.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_of_a_file_is_refused_or_read_but_never_crashes()
    {
        var folder = SampleRuns.Interrupted(_root);
        foreach (var path in new[] { folder.RunFile, folder.SplitFile, folder.EventsFile })
        {
            var whole = File.ReadAllBytes(path);
            for (var cut = 0; cut < whole.Length; cut += Math.Max(1, whole.Length / 40))
            {
                File.WriteAllBytes(path, whole[..cut]);
                try { HtmlReport.Create(folder); }
                catch (DataFormatException) { }
            }
            File.WriteAllBytes(path, whole);
        }
    }

    private static void AssertSections(string html, params string[] ids)
        => Assert.Equal(ids, SectionId().Matches(html).Select(m => m.Groups[1].Value));

    [GeneratedRegex("<section aria-labelledby=\"([a-z]+)\"")]
    private static partial Regex SectionId();
}
