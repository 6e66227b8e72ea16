using Attune.Tests.Repository;

namespace Attune.Tests.Docs;

/// <summary>Pages that are written from the code. <c>ATTUNE_WRITE_DOCS=1</c> writes them (docs/generate.sh does); without it the tests compare.</summary>
public class GeneratedDocsTests
{
    [Fact]
    public void Options_page_says_what_the_code_says() => Same("options.md", OptionsPage.Create());

    [Fact]
    public void Catalogs_page_says_what_the_code_says() => Same("catalogs.md", CatalogsPage.Create());

    [Fact]
    public void Every_option_has_a_meaning() => Assert.DoesNotContain("| |", OptionsPage.Create(), StringComparison.Ordinal);

    private static void Same(string page, string expected)
    {
        var path = Path.Combine(Sources.Root, "docs", page);
        if (Environment.GetEnvironmentVariable("ATTUNE_WRITE_DOCS") == "1") File.WriteAllText(path, expected);
        var found = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        Assert.True(found == expected, $"docs/{page} is not what the code says: run `bash docs/generate.sh` and commit it.");
    }
}
