using System.Runtime.InteropServices;

namespace Attune.Engines.Torch;

/// <summary>
/// Settings of the C library's allocator for large tensors that come and go: memory is kept for the next step instead of given back and zeroed anew by the kernel, and
/// few arenas keep it in one piece. On a ResNet-18 step the kernel's share of the time fell from 1.7 to 0.8 s of 16 (docs/log.md). Nothing happens where the library
/// is another one than glibc.
/// </summary>
internal static partial class NativeAllocator
{
    private const int TrimThreshold = -1, MmapThreshold = -3, ArenaMax = -8;   // malloc.h

    /// <summary>Applies the settings; to be called once, before libtorch allocates.</summary>
    public static void KeepLargeBlocks()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = SetOption(MmapThreshold, 32 << 20);   // glibc's upper limit
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(ArenaMax, 2);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException) { }   // musl has no mallopt
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
