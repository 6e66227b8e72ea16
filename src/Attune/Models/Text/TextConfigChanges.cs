using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>What a tuned network's <c>config.json</c> says otherwise than the one it came from.</summary>
public sealed record TextConfigChanges
{
    /// <summary>Names of the outputs by index; null (default) keeps those of the file.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary><c>single_label_classification</c>, <c>multi_label_classification</c> or <c>regression</c>; null (default) keeps the file's.</summary>
    public string? ProblemType { get; init; }

    /// <summary>Element type of the written weights; null (default) is the checkpoint's.</summary>
    public DataType? Type { get; init; }
}
