namespace Attune.Hub;

/// <summary>A copy of a snapshot in a plain folder, without links.</summary>
internal static class HubLocalFolder
{
    /// <summary>Copies the files; equal ones stay as they are.</summary>
    /// <exception cref="OptionsException">A file of the same name with other content is there, and <paramref name="overwrite"/> is false.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static HubPull Copy(HubPull pull, string folder, bool overwrite, CancellationToken stop)
    {
        var differing = pull.Files.Where(f => Differs(pull, f, HubFileName.Below(folder, f.Name))).ToList();
        var standing = differing.Where(f => Path.Exists(HubFileName.Below(folder, f.Name))).Select(f => f.Name).ToList();
        if (standing.Count > 0 && !overwrite)
            throw new OptionsException($"--local-dir: '{folder}' holds other files of these names: {NearestName.Preview(standing)}. Choose another folder, or replace them with --force.");
        foreach (var file in differing)
        {
            stop.ThrowIfCancellationRequested();
            var target = HubFileName.Below(folder, file.Name);
            try { Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new IOException($"{folder}: The folder cannot be made: {e.Message} Choose another with --local-dir.", e); }
            using var source = File.OpenRead(HubFileName.Below(pull.Snapshot.Folder, file.Name));
            AtomicFile.Write(target, source.CopyTo);
        }
        return pull with { Folder = folder };
    }

    private static bool Differs(HubPull pull, HubFile file, string target)
    {
        if (!File.Exists(target)) return true;
        var source = HubFileName.Below(pull.Snapshot.Folder, file.Name);
        return HubDisk.Length(source) != HubDisk.Length(target) || HubChecksum.Sha256(source) != HubChecksum.Sha256(target);
    }
}
