using System.Runtime.Intrinsics;
using Attune.Graphs;
using Attune.Numerics;

namespace Attune.Engines.Dense;

/// <summary>
/// Compiles graphs of Gemm, embeddings, activations, normalisations, dropout and residual adds to a fused SIMD plan on the CPU, without a native library.
/// </summary>
public static class DenseCompiler
{
    /// <summary>The operators that the engine runs, alphabetically; some with conditions, which <see cref="CanRun"/> explains.</summary>
    public static IReadOnlyList<string> Operators { get; } =
    [
        "Add", "BatchNormalization", "Cast", "Concat", "Constant", "Div", "Dropout", "Elu", "Erf", "Flatten", "Gather", "Gelu", "Gemm", "Identity",
        "LayerNormalization", "LeakyRelu", "MatMul", "Mul", "Relu", "Reshape", "Sigmoid", "Softmax", "Squeeze", "Sub", "Tanh",
    ];

    /// <summary>True when the engine runs everything that <paramref name="output"/> needs (null: the first graph output).</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">The value to compute.</param>
    /// <param name="reason">"" or why not; names the first node that cannot run.</param>
    public static bool CanRun(Graph graph, string? output, out string reason)
    {
        try
        {
            new DensePlan<Simd128, Vector128<float>>(graph, new CompileOptions { Output = output }).Build();
            reason = "";
            return true;
        }
        catch (NotSupportedException e)
        {
            reason = e.Message;
            return false;
        }
    }

    /// <summary>Compiles a graph; its weights are copied in.</summary>
    /// <exception cref="NotSupportedException">The graph cannot run here; see <see cref="CanRun"/>.</exception>
    /// <exception cref="WeightsException">A trainable weight is unknown, or nothing that is computed uses it.</exception>
    public static DenseModel Compile(Graph graph, CompileOptions options)
        => Compile(graph, options, Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128);

    /// <summary>The same at a given vector width, which works on every machine (slowly where the hardware has none).</summary>
    internal static DenseModel Compile(Graph graph, CompileOptions options, int vectorBits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        return vectorBits switch
        {
            512 => Create(new DensePlan<Simd512, Vector512<float>>(graph, options)),
            256 => Create(new DensePlan<Simd256, Vector256<float>>(graph, options)),
            _ => Create(new DensePlan<Simd128, Vector128<float>>(graph, options)),
        };
    }

    private static DenseModel Create<TSimd, TVector>(DensePlan<TSimd, TVector> plan) where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        plan.Build();
        return new DenseModel(plan.Graph, plan.Options, plan);
    }
}
