using Attune.Data;
using Attune.Randomness;
using Attune.Splitting;

namespace Attune.Tests.Splitting;

public sealed class LeakageAuditTests
{
    private static readonly string[] Words = ["coffee", "tea", "bread", "was", "very", "good", "bad", "and", "my", "dog", "box", "came", "today", "with", "shop", "not", "stale", "sweet", "price", "again", "never", "buy", "this", "it"];

    [Fact]
    public void Clean_rows_have_nothing_and_are_told_so()
    {
        var report = Audit(Plain(600));
        Assert.Empty(report.Audit!.Giveaways.Concat(report.Audit.Identifiers).Concat(report.Audit.SharedGroups));
        Assert.EndsWith("nothing found.", report.Audit.Summary, StringComparison.Ordinal);
        Assert.Contains(report.Audit.Summary, report.Notices);
        Assert.Equal(report.Audit.Summary, SplitReport.FromJson(report.ToJson()).Audit!.Summary);
    }

    [Theory]
    [InlineData("copy", true)]
    [InlineData("number", true)]
    [InlineData("noisy", false)]
    public void Columns_that_give_the_target_away_are_named(string kind, bool found)
    {
        var plain = Plain(600);
        var label = (TextColumn)plain["label"];
        Column leak = kind switch
        {
            "copy" => new TextColumn("leak", [.. label.Codes], ["granted", "refused"]),
            "number" => new NumericColumn("leak", [.. label.Codes.Select((c, i) => c * 10 + Math.Sin(i))]),
            _ => new TextColumn("leak", [.. label.Codes.Select((c, i) => i % 10 == 0 ? 1 - c : c)], ["granted", "refused"]),
        };
        var audit = Audit(With(plain, leak)).Audit!;
        Assert.Equal(found ? ["leak"] : [], audit.Giveaways.Select(g => g.Column));
        if (found) Assert.Contains("--exclude leak", audit.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_the_target_in_other_units_is_named()
    {
        var stream = new Philox(1, "numbers");
        double[] price = [.. Enumerable.Range(0, 500).Select(i => stream.Normal((ulong)i))];
        var table = new Table("t", 500, [new NumericColumn("dollars", [.. price.Select(p => p * 1.1 + 3)]), new NumericColumn("size", [.. price.Select((p, i) => p + stream.Normal((ulong)(i + 1000)))]), new NumericColumn("price", price)]);
        Assert.Equal(["dollars"], Splitter.Split(table, new SplitRequest(), "price", isClassification: false).Report.Audit!.Giveaways.Select(g => g.Column));
    }

    [Fact]
    public void Identifiers_whose_order_tells_the_class_are_named_and_others_not()
    {
        var plain = Plain(600);
        var sorted = With(plain.Select([.. Enumerable.Range(0, 600).OrderBy(i => ((TextColumn)plain["label"]).Codes[i] + 0.8 * Math.Abs(Math.Sin(i * 0.37)) % 1)]), new TextColumn("code", [.. Enumerable.Range(0, 600)], [.. Enumerable.Range(0, 600).Select(i => FormattableString.Invariant($"A{i:0000}"))]));
        Assert.Equal(["code"], Audit(sorted).Audit is { } a ? a.Identifiers.Concat(a.Giveaways).Select(f => f.Column) : []);
        var shuffled = With(plain, new NumericColumn("number", [.. Enumerable.Range(0, 600).Select(i => (double)i)]));
        Assert.Empty(Audit(shuffled).Audit!.Identifiers);
    }

    [Fact]
    public void Groups_that_share_answers_across_splits_are_named_until_they_are_kept_together()
    {
        var patients = GroupAndTimeTests.Patients(2000);
        var audit = Splitter.Split(patients, new SplitRequest { FeatureColumns = ["x"] }, "label", isClassification: true).Report.Audit!;
        Assert.Equal(["patient"], audit.SharedGroups.Select(g => g.Column));
        Assert.Contains("split.group=patient", audit.Summary, StringComparison.Ordinal);
        Assert.Empty(Splitter.Split(patients, new SplitRequest { FeatureColumns = ["x"], GroupColumn = "patient" }, "label", isClassification: true).Report.Audit!.SharedGroups);
        // in a file of its own the declared group may meet again
        var given = Splitter.Split(patients, new SplitRequest { FeatureColumns = ["x"], GroupColumn = "patient", TestTable = patients.Select([3, 900, 1500]) }, "label", isClassification: true).Report.Audit!;
        Assert.Contains("3 test rows", Assert.Single(given.SharedGroups).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Near_duplicate_texts_are_found_wherever_they_stand()
    {
        var texts = Texts(400, 3);
        var test = Texts(60, 4);
        (string, int)[] planted = [(texts[5] + " indeed", 0), (texts[17].Replace(' ', '\n'), 1), ("so " + texts[100].ToUpperInvariant() + "!!", 2), (string.Join(' ', texts[200].Split(' ').Skip(3)), 3)];
        foreach (var (text, at) in planted) test[at] = text;
        test[4] = string.Join(' ', texts[7].Split(' ').Reverse());   // the same words in another order
        var report = Splitter.Split(Table("train.csv", texts), new SplitRequest { FeatureColumns = ["text"], TestTable = Table("test.csv", test) }, "label", isClassification: true).Report;
        Assert.Equal(4, report.Audit!.NearTexts.TrainTest + report.NearDuplicates.TrainTest);
        Assert.Contains(report.Audit.NearTexts.Examples, e => e.Contains("test row 1 of test.csv ≈", StringComparison.Ordinal));
        Assert.Contains("share most of their words", report.Audit.Summary, StringComparison.Ordinal);
        Assert.Equal(0, Splitter.Split(Table("train.csv", texts), new SplitRequest { FeatureColumns = ["text"], TestTable = Table("test.csv", Texts(60, 9)) }, "label", isClassification: true).Report.Audit!.NearTexts.TrainTest);
    }

    [Fact]
    public void Sketches_agree_as_often_as_sets_do()
    {
        var stream = new Philox(8, "sets");
        foreach (var share in (double[])[0.3, 0.5, 0.8])
        {
            var (equal, jaccard) = (0.0, 0.0);
            for (var t = 0; t < 40; t++)
            {
                ulong[] a = [.. Enumerable.Range(0, 120).Select(i => TextSketches.Mix((ulong)(t * 1000 + i)))];
                ulong[] b = [.. a.Select((h, i) => stream.Uniform((ulong)(t * 200 + i)) < share ? h : TextSketches.Mix(h + 1))];
                var (sa, sb) = (TextSketches.Sketch([.. a.Order()])!, TextSketches.Sketch([.. b.Order()])!);
                equal += sa.Zip(sb).Count(p => p.First == p.Second) / (double)TextSketches.Bins / 40;
                jaccard += TextSketches.Jaccard([.. a.Order()], [.. b.Order()]) / 40;
            }
            Assert.Equal(jaccard, equal, 0.04);
        }
        Assert.Null(TextSketches.Sketch(TextSketches.Shingles(" …!")));
        Assert.NotEmpty(TextSketches.Shingles("漢字漢字"));
        Assert.Single(TextSketches.Shingles("two words"));
    }

    private static SplitReport Audit(Table table) => Splitter.Split(table, new SplitRequest(), "label", isClassification: true).Report;

    private static Table With(Table table, Column column) => new(table.Source, table.Rows, [column, .. table.Columns]);

    private static Table Plain(int rows)
    {
        var stream = new Philox(2, "plain");
        int[] label = [.. Enumerable.Range(0, rows).Select(i => stream.Uniform((ulong)i) < 0.4 ? 1 : 0)];
        double[] x = [.. label.Select((c, i) => c + stream.Normal((ulong)(rows + i)))];
        int[] city = [.. Enumerable.Range(0, rows).Select(i => (int)stream.Below((ulong)(3 * rows + i), 30))];
        return new Table("t", rows, [new NumericColumn("x", x), new NumericColumn("z", [.. x.Select((_, i) => stream.Normal((ulong)(5 * rows + i)))]), new TextColumn("city", city, [.. Enumerable.Range(0, 30).Select(c => "city " + c)]), new TextColumn("label", label, ["no", "yes"])]);
    }

    private static string[] Texts(int count, ulong seed)
    {
        var stream = new Philox(seed, "texts");
        return [.. Enumerable.Range(0, count).Select(t => string.Join(' ', Enumerable.Range(0, 30 + (int)stream.Below((ulong)t, 30)).Select(i => Words[stream.Below((ulong)(1000 + t * 64 + i), Words.Length)])))];
    }

    private static Table Table(string source, string[] texts) => new(source, texts.Length, [TextColumn.Of("text", texts), new TextColumn("label", [.. texts.Select((_, i) => i % 2)], ["no", "yes"])]);
}
