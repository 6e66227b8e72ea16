using System.Runtime.InteropServices;

namespace Attune.Engines.Torch;

/// <summary>
/// Settings of the C library's allocator for large tensors that come and go. For speed, blocks of any size come from the heap, and the heap is kept for the next step instead of given
/// back and zeroed anew by the kernel: a ResNet-18 step fell from 1.10 to 0.94 s. The price is a heap in which small blocks cut up the room of large ones. Where most weights are frozen,
/// which is done to save memory, blocks from 2 MB on are mapped instead and given back: three steps of LoRA on MiniLM's size peak at 515 MB instead of 760 and take about 14 % longer in
/// fp32, no longer in bf16 (docs/log.md, 2026-11-24). Nothing happens where the library is another one than glibc.
/// </summary>
internal static partial class NativeAllocator
{
    private const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4, ArenaMax = -8;   // malloc.h
    private const int ManyMappings = 65_536;   // glibc's own limit
    private const int LargeBlock = 2 << 20;

    /// <summary>Applies the settings that hold for every model; to be called once, before libtorch allocates.</summary>
    public static void Begin()
    {
        Set(TrimThreshold, int.MaxValue);
        Set(ArenaMax, 2);
        KeepLargeBlocks(true);
    }

    /// <summary>Whether large blocks stay in the heap (faster) or are given back at once (smaller). The whole process follows the model compiled last.</summary>
    public static void KeepLargeBlocks(bool keep)
    {
        Set(MmapMax, keep ? 0 : ManyMappings);
        if (!keep) Set(MmapThreshold, LargeBlock);
    }

    private static void Set(int option, int value)
    {
        if (!OperatingSystem.IsLinux()) return;
        try { _ = SetOption(option, value); }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException) { }   // musl has no mallopt
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
