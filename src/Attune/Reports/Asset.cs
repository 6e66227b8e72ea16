namespace Attune.Reports;

/// <summary>Style and scripts, embedded in the assembly.</summary>
internal static class Asset
{
    /// <summary>The text of a file of <c>Reports/Assets</c>.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream("Attune.Reports." + name) ?? throw new InvalidOperationException($"The asset '{name}' is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }
}
