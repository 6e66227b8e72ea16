using System.Runtime.InteropServices;

namespace Attune.Engines.Dense;

/// <summary>Zeroed native blocks aligned to 64 bytes, freed together.</summary>
internal sealed unsafe class DenseMemory : IDisposable
{
    private readonly List<nint> _blocks = [];

    ~DenseMemory() => Free();

    /// <summary>A block of at least <paramref name="floats"/> zeroed floats, followed by one vector of slack.</summary>
    public float* Floats(long floats)
    {
        var bytes = checked((nuint)(floats + 16) * sizeof(float));
        var block = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(block, bytes);
        _blocks.Add((nint)block);
        return (float*)block;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        foreach (var block in _blocks) NativeMemory.AlignedFree((void*)block);
        _blocks.Clear();
    }
}
