using System.Text.RegularExpressions;

namespace Attune.Hub;

/// <summary>What a user calls a model: a path, or <c>org/name</c> (<c>org/name@revision</c>) of a repository that is in the Hugging Face cache.</summary>
public static partial class ModelPath
{
    /// <summary>The path of a model. Asks no server: what is not here is an error that says how to get it.</summary>
    /// <param name="name">A path that exists is itself; else a repository is its snapshot in the cache; what cannot be a repository (a file's name, an absolute path) is left as it is.</param>
    /// <param name="cache">The cache; null is the one that the environment says.</param>
    /// <exception cref="OptionsException">It could be a repository, and is neither a path nor in the cache.</exception>
    public static string Resolve(string name, HubCache? cache = null)
    {
        if (Path.Exists(name) || !HubReference.TryParse(name, out var reference)) return name;
        cache ??= new HubCache(HubSettings.FromEnvironment());
        if (cache.Find(reference.Repository, reference.Revision) is { } snapshot) return snapshot.Folder;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        // A misspelt folder or file beside others is told by whoever reads it.
        if ((slash >= 0 && Directory.Exists(name[..slash])) || FileExtension().IsMatch(name)) return name;
        var revision = reference.Revision is { } wanted ? $" --revision {wanted}" : "";
        throw new OptionsException($"There is no file or folder '{name}', and no model of that name in the Hugging Face cache ({cache.Folder}). For a model of the hub: `attune pull {reference.Repository}{revision}`. For a run: the folder that `attune tune --out FOLDER` has finished.");
    }

    [GeneratedRegex(@"\.[A-Za-z_]{2,12}\z")]
    private static partial Regex FileExtension();
}
