using Attune.Data;
using Attune.Options;
using Attune.Runs;

namespace Attune.Tests.Runs;

public sealed class RunLockTests
{
    [Fact]
    public void A_second_writer_is_refused_until_the_first_is_gone()
    {
        using var folder = TestFiles.Folder();
        var run = Path.Combine(folder.Path, "run");
        using (RunLock.Take(run))
            Assert.Contains("Another process is writing", Assert.Throws<OptionsException>(() => RunLock.Take(run)).Message, StringComparison.Ordinal);
        using (RunLock.Take(run)) { }
        Assert.Empty(Directory.EnumerateFileSystemEntries(run));
    }

    [Fact]
    public void Resume_removes_what_a_kill_left_half_written()
    {
        using var folder = TestFiles.Folder();
        folder.Write("run.json", "{}");
        folder.Write(".attune-0123.tmp", "half");
        RunFolder.Open(folder.Path).RemoveLeftovers();
        Assert.Equal(["run.json"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Options_that_an_earlier_model_would_ignore_are_refused_each_by_name()
    {
        var options = new OptionsReader().Set("out=o").Set("data.path=d.csv").Set("model.path=m").Set("encoding.clip=1").Set("data.exclude=a").Set("data.columns.b=category").Read();
        var problems = Assert.Throws<OptionsException>(options.Validate).Problems;
        Assert.Equal(["data.columns.b", "data.exclude", "encoding.clip"], problems.Select(p => p.Split(':')[0]).Order());
    }

    [Fact]
    public void A_cell_of_blanks_is_a_word_among_words_and_missing_among_numbers()
    {
        using var folder = TestFiles.Folder();
        var table = TableReader.Read(folder.Write("a.csv", "word,number\na,1\n\" \", \nb,3\n,4\n"));
        Assert.Equal([false, false, false, true], Enumerable.Range(0, 4).Select(table["word"].IsMissing));
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(table["number"].IsMissing));
    }
}
