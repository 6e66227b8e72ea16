using System.Runtime.InteropServices;

namespace Attune.Engines.Torch;

/// <summary>
/// Settings of the C library's allocator for large tensors that come and go: blocks of any size come from the heap, and the heap is kept for the next step instead of given
/// back and zeroed anew by the kernel; few arenas keep it in one piece. A ResNet-18 step fell from 1.10 to 0.94 s (docs/log.md). Nothing happens where the library is
/// another one than glibc.
/// </summary>
internal static partial class NativeAllocator
{
    private const int TrimThreshold = -1, MmapMax = -4, ArenaMax = -8;   // malloc.h

    /// <summary>Applies the settings; to be called once, before libtorch allocates.</summary>
    public static void KeepLargeBlocks()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = SetOption(MmapMax, 0);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(ArenaMax, 2);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException) { }   // musl has no mallopt
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
