using System.Security.Cryptography;

namespace Attune.Data;

/// <summary>What tells one data file from another: SHA-256 of its bytes, size and shape.</summary>
/// <param name="Sha256">SHA-256 of the file's bytes, lower-case hexadecimal.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Rows">Rows that were read.</param>
/// <param name="Columns">Columns that were read.</param>
public sealed record DataFingerprint(string Sha256, long Bytes, int Rows, int Columns)
{
    /// <summary>The fingerprint of the file that <paramref name="table"/> was read from.</summary>
    /// <param name="path">The file.</param>
    /// <param name="table">What was read from it.</param>
    public static DataFingerprint Of(string path, Table table)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return new DataFingerprint(Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length, table.Rows, table.Columns.Count);
    }
}
