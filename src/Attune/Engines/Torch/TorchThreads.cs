using System.Runtime.InteropServices;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Threads that libtorch computes with on behalf of the calling thread. How a sum is divided among threads decides its bits, and libtorch's own setting is spread over three
/// places: a number of the process, which a thread reads once when it first computes; OpenMP's number, one per calling thread; and MKL's, one for the process unless the
/// calling thread has its own. A model therefore sets all three for its caller before it computes: models with different numbers of threads in one process then keep
/// their bits, one after the other or side by side.
/// </summary>
internal static unsafe class TorchThreads
{
    private static readonly Lock Gate = new();
    private static readonly Lazy<nint> SetMklThreads = new(() => TorchRuntime.Symbol("torch_cpu", "MKL_Set_Num_Threads_Local"));
    [ThreadStatic] private static int _current;

    /// <summary>Lets libtorch compute with <paramref name="threads"/> threads for the calling thread; asking again for the same costs nothing.</summary>
    public static void Use(int threads)
    {
        if (threads == _current) return;
        lock (Gate)
        {
            _ = torch.get_num_threads();   // the thread's first question takes over the process's number: it must not do so later
            torch.set_num_threads(threads);
            if (SetMklThreads.Value != 0) _ = ((delegate* unmanaged[Cdecl]<int, int>)SetMklThreads.Value)(threads);
            _current = threads;
        }
    }
}
