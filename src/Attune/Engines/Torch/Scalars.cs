using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Numbers for libtorch's functions. A <see cref="Scalar"/> of TorchSharp is freed by its finalizer, and nothing of TorchSharp's holds it while the native function reads
/// it: a garbage collection in that moment, on any thread, makes the function read freed memory. What is made here stays reachable until the same thread has made
/// <see cref="Held"/> more, far more than one call takes. Never rely on the implicit conversion (a test reads the assembly's instructions).
/// </summary>
internal static class Scalars
{
    private const int Held = 256;
    [ThreadStatic] private static Scalar?[]? _held;
    [ThreadStatic] private static int _next;

    /// <summary>1, the factor that libtorch's sums and differences take.</summary>
    public static Scalar One { get; } = 1L;

    /// <summary>2, the exponent of squares.</summary>
    public static Scalar Two { get; } = 2L;

    /// <summary>An integer.</summary>
    public static Scalar Of(long value) => Hold(value);

    /// <summary>A real number, in double precision.</summary>
    public static Scalar Of(double value) => Hold(value);

    private static Scalar Hold(Scalar scalar)
    {
        _held ??= new Scalar?[Held];
        _held[_next] = scalar;
        _next = (_next + 1) % Held;
        return scalar;
    }
}
