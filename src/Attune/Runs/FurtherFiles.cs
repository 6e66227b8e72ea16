using System.Security.Cryptography;
using Attune.Data;
using Attune.Options;

namespace Attune.Runs;

/// <summary>Files beside the data that a result depends on: a tokenizer, a list of synonyms. A run goes on only with the same.</summary>
internal static class FurtherFiles
{
    /// <summary>Fingerprints of the data and of these files, by option path.</summary>
    /// <param name="data">Those of the data.</param>
    /// <param name="options">The options.</param>
    public static IReadOnlyDictionary<string, DataFingerprint> Added(IReadOnlyDictionary<string, DataFingerprint> data, RunOptions options)
    {
        var all = new Dictionary<string, DataFingerprint>(data);
        if (options.Text.Tokenizer is { } tokenizer) all["text.tokenizer"] = Of(tokenizer);
        if (options.Augmentation.Synonyms is { } synonyms) all["augmentation.synonyms"] = Of(synonyms);
        return all;
    }

    /// <summary>Of a folder, all of its files by name.</summary>
    private static DataFingerprint Of(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path).Order(StringComparer.Ordinal) : (IEnumerable<string>)[path])
        {
            var content = File.ReadAllBytes(file);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(content);
            bytes += content.Length;
        }
        return new DataFingerprint(Convert.ToHexStringLower(hash.GetHashAndReset()), bytes, 0, 0);
    }
}
