using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Threads of libtorch: one setting for the process.</summary>
internal static class TorchThreads
{
    private static readonly Lock Gate = new();
    private static int _current;

    /// <summary>Lets libtorch compute with <paramref name="threads"/> threads; asking again for the same costs nothing.</summary>
    public static void Set(int threads)
    {
        lock (Gate)
        {
            if (threads == _current) return;
            torch.set_num_threads(threads);
            _current = threads;
        }
    }
}
