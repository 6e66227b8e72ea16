using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Attune.Engines.Torch;
using DuckDB.NET.Data;
using Microsoft.ML.OnnxRuntime;

namespace Attune.Cli;

/// <summary>Looks at what Attune stands on: machine, native libraries, folders. The only command that loads libtorch for a table user.</summary>
public static class Doctor
{
    /// <summary>Examines this process's machine; never throws for something that is missing.</summary>
    /// <param name="workingFolder">The folder that runs will be written below.</param>
    public static DoctorReport Examine(string workingFolder) => new(
        typeof(Doctor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        Machine(),
        Try(DuckDbVersion),
        Try(() => OrtEnv.Instance().GetVersionString()),
        TorchRuntime.Load(),
        Folder(TorchRuntime.CacheFolder),
        Folder(workingFolder));

    private static DoctorMachine Machine() => new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0,
        [.. Features()]);

    private static IEnumerable<string> Features()
    {
        if (Avx2.IsSupported) yield return "AVX2";
        if (Fma.IsSupported) yield return "FMA";
        if (Avx512F.IsSupported) yield return "AVX-512F";
        if (Avx512BW.IsSupported) yield return "AVX-512BW";
        if (AdvSimd.IsSupported) yield return "AdvSimd";
    }

    private static string DuckDbVersion()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    private static DoctorLibrary Try(Func<string> version)
    {
        try
        {
            return new DoctorLibrary(true, version(), null);
        }
        catch (Exception e)   // whatever a native library throws while loading is the finding
        {
            return new DoctorLibrary(false, null, (e.InnerException ?? e).Message.ReplaceLineEndings(" "));
        }
    }

    private static DoctorFolder Folder(string path)
    {
        var probe = Path.Combine(path, $".attune-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new DoctorFolder(path, true, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DoctorFolder(path, false, e.Message);
        }
    }
}
