namespace Attune.Engines.Torch;

/// <summary>How libtorch got into the process.</summary>
public enum TorchLoad
{
    /// <summary>The libraries loaded as they came.</summary>
    System,

    /// <summary>The system's C++ library is older than the one TorchSharp was built with; a patched copy of its native library was loaded.</summary>
    PatchedCopy,

    /// <summary>libtorch cannot be used; the reason says why.</summary>
    NotAvailable,
}

/// <summary>What <see cref="TorchRuntime.Load"/> found.</summary>
/// <param name="Load">How it was loaded.</param>
/// <param name="Version">libtorch's version; null when not available.</param>
/// <param name="Folder">Folder of libtorch's libraries; null when none was found.</param>
/// <param name="Reason">Why it is not available, or why a copy was patched; null when loaded as it came.</param>
/// <param name="Threads">Threads that libtorch computes with; 0 when not available.</param>
/// <param name="Cuda">Whether a CUDA device can be used.</param>
public sealed record TorchStatus(TorchLoad Load, string? Version, string? Folder, string? Reason, int Threads, bool Cuda);
