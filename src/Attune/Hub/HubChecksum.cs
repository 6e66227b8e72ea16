using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Attune.Hub;

/// <summary>The checksum that a file's ETag is: SHA-256 for large files (LFS), git's blob SHA-1 for small ones.</summary>
internal static partial class HubChecksum
{
    /// <summary>The ETag without quotes and weakness mark; null when it could not be a file's name.</summary>
    public static string? Normalize(string? etag)
    {
        if (etag is null) return null;
        var text = (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');
        return Name().IsMatch(text) ? text : null;
    }

    /// <summary>Whether the ETag says what the file's bytes are.</summary>
    public static bool IsChecksum(string etag) => Hash().IsMatch(etag);

    /// <summary>The checksum of a file's bytes, of the kind that <paramref name="etag"/> is, lower-case hexadecimal.</summary>
    public static string Of(string path, string etag)
    {
        if (etag.Length == 64) return Sha256(path);
        using var stream = File.OpenRead(path);
#pragma warning disable CA5350 // git names its blobs by SHA-1; what is compared here is what git and the hub say
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        sha1.AppendData(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;) sha1.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(sha1.GetHashAndReset());
    }

    /// <summary>SHA-256 of a file's bytes, lower-case hexadecimal.</summary>
    public static string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex Hash();
}
