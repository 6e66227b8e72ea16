using System.Text.Json;

namespace Attune.Hub;

/// <summary>What the hub's API says of a revision: its commit and its files.</summary>
/// <param name="Commit">Hash of the commit.</param>
/// <param name="Files">Names with sizes and, for large files, SHA-256.</param>
internal sealed record HubRepository(string Commit, IReadOnlyList<HubRepository.File> Files)
{
    /// <summary>A file of the repository.</summary>
    /// <param name="Name">Relative, with forward slashes; checked.</param>
    /// <param name="Bytes">Its size; null when the API did not say.</param>
    /// <param name="Sha256">Of its bytes; null when the API did not say (small files).</param>
    internal sealed record File(string Name, long? Bytes, string? Sha256);

    /// <summary>Reads the API's answer.</summary>
    /// <param name="json">The answer's bytes.</param>
    /// <param name="source">The address that answered, for errors.</param>
    /// <exception cref="DataFormatException">The answer is not what the hub sends, or names a file outside the repository.</exception>
    public static HubRepository Parse(byte[] json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var commit = document.RootElement.GetProperty("sha").GetString();
            if (commit is null || !HubReference.IsCommit(commit)) throw Broken(source, "'sha' is no commit");
            var files = new List<File>();
            foreach (var sibling in document.RootElement.GetProperty("siblings").EnumerateArray())
            {
                var name = sibling.GetProperty("rfilename").GetString() ?? "";
                if (!HubFileName.IsSafe(name))
                    throw new DataFormatException(source, null, null, $"The server names a file '{HubFileName.Shown(name)}', which would be written outside the model's folder or cannot be a file's name everywhere. Nothing was downloaded. Do not trust this repository or this server.");
                files.Add(new File(name, Number(sibling, "size"), Sha256Of(sibling)));
            }
            if (files.Select(f => f.Name).Distinct(StringComparer.Ordinal).Count() != files.Count) throw Broken(source, "a file is named twice");
            return new HubRepository(commit, files);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Broken(source, e.Message);
        }
    }

    private static string? Sha256Of(JsonElement sibling)
        => sibling.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object && lfs.TryGetProperty("sha256", out var hash) && hash.ValueKind == JsonValueKind.String
            && hash.GetString() is { Length: 64 } text && HubChecksum.IsChecksum(text) ? text : null;

    private static long? Number(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;

    private static DataFormatException Broken(string source, string why)
        => new(source, null, null, $"The answer is not what the Hugging Face hub sends ({why}). Check HF_ENDPOINT; a proxy or a login page may have answered instead.");
}
