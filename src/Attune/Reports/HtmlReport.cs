using Attune.Runs;

namespace Attune.Reports;

/// <summary>Placeholder until the branch lands.</summary>
internal static class HtmlReport
{
    public static string Create(RunFolder folder) => folder.Path;
}
