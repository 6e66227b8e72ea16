using System.Runtime.InteropServices;

namespace Attune.Engines.Torch;

/// <summary>
/// Idle OpenMP threads of libtorch sleep instead of spinning. Spinning saves microseconds on a machine with nothing else to do; beside any other load it takes the cores that the work
/// needs: a training step of an encoder took 3.7 s instead of 1.0 (docs/log.md, 2026-11-24). Whoever sets <c>OMP_WAIT_POLICY</c> or <c>GOMP_SPINCOUNT</c> decides otherwise.
/// </summary>
internal static partial class NativeThreads
{
    /// <summary>Applies the setting; to be called once, before libtorch is loaded.</summary>
    public static void SleepWhenIdle()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null || Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null) return;
        try { _ = SetVariable("OMP_WAIT_POLICY", "PASSIVE", 0); }   // the library reads the process's own environment, which .NET's functions do not write
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException) { }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
