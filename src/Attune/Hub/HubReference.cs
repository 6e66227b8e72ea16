using System.Text.RegularExpressions;

namespace Attune.Hub;

/// <summary>A repository of the hub and, where it is said, one of its revisions: <c>org/name</c> or <c>org/name@revision</c>.</summary>
/// <param name="Repository"><c>org/name</c>, or one word for the hub's oldest models (<c>gpt2</c>).</param>
/// <param name="Revision">Branch, tag or commit; null is <see cref="DefaultRevision"/>.</param>
public sealed partial record HubReference(string Repository, string? Revision)
{
    /// <summary>The branch that is meant when none is named.</summary>
    public const string DefaultRevision = "main";

    /// <summary>Its folder in the cache: <c>models--org--name</c>.</summary>
    public string FolderName => "models--" + Repository.Replace("/", "--", StringComparison.Ordinal);

    /// <summary>Reads <c>org/name</c> or <c>org/name@revision</c>; false for what the hub allows no repository to be called.</summary>
    public static bool TryParse(string text, out HubReference reference)
    {
        reference = Split(text);
        return IsRepository(reference.Repository) && (reference.Revision is not { } revision || IsRevision(revision));
    }

    /// <summary>Reads <c>org/name</c> or <c>org/name@revision</c>.</summary>
    /// <param name="text">The repository's name.</param>
    /// <param name="revision">The revision, when it is given apart.</param>
    /// <exception cref="OptionsException">The hub allows no repository or revision to be called so.</exception>
    public static HubReference Parse(string text, string? revision = null)
    {
        if (revision is not null && text.Contains('@', StringComparison.Ordinal)) throw new OptionsException($"'{Shown(text)}' names a revision, and so does --revision. Give it once.");
        var reference = revision is null ? Split(text) : new HubReference(text, revision);
        if (!IsRepository(reference.Repository))
            throw new OptionsException($"'{Shown(reference.Repository)}' is no name of a repository on the hub. Give it as org/name (letters, digits, '-', '_' and '.', at most 96), as in sentence-transformers/all-MiniLM-L6-v2.");
        if (reference.Revision is { } wanted && !IsRevision(wanted))
            throw new OptionsException($"'{Shown(wanted)}' is no name of a revision. Give a branch (main), a tag (v1.0), refs/pr/NUMBER, or a commit of 40 hexadecimal digits.");
        return reference;
    }

    /// <summary>True for a commit's full hash, which names its snapshot without a look into refs.</summary>
    internal static bool IsCommit(string text) => Commit().IsMatch(text);

    private static HubReference Split(string text) => text.IndexOf('@', StringComparison.Ordinal) is var at and >= 0 ? new HubReference(text[..at], text[(at + 1)..]) : new HubReference(text, null);

    private static bool IsRepository(string text)
        => text.Length <= 96 && Name().IsMatch(text) && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("..", StringComparison.Ordinal) && !text.EndsWith(".git", StringComparison.Ordinal);

    // A revision becomes a path below refs.
    private static bool IsRevision(string text) => text.Length <= 250 && RevisionName().IsMatch(text) && HubFileName.IsSafe(text) && !text.EndsWith(".lock", StringComparison.Ordinal);

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";

    [GeneratedRegex(@"\A[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?(?:/[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?)?\z", RegexOptions.ECMAScript)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[\w./+=,@%#-]+\z", RegexOptions.ECMAScript)]
    private static partial Regex RevisionName();

    [GeneratedRegex(@"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex Commit();
}
