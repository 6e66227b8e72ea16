using Attune.Engines.Dense;
using Attune.Engines.Torch;
using Attune.Graphs;

namespace Attune.Engines;

/// <summary>Chooses the engine of a graph.</summary>
public static class ModelEngine
{
    /// <summary>The names that <c>training.engine</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "dense", "torch"];

    /// <summary>The engine that would run a graph: <c>dense</c> where it can, else <c>torch</c>.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">What it is compiled for; another precision or device than fp32 on the CPU needs libtorch.</param>
    /// <param name="engine"><c>auto</c>, <c>dense</c> or <c>torch</c>.</param>
    /// <exception cref="NotSupportedException">The named engine cannot run the graph, or none can; says why.</exception>
    public static string Choose(Graph graph, CompileOptions options, string engine = "auto")
    {
        var needsTorch = options.Precision != Precision.Float32 || options.Device != "cpu" || options.GradientCheckpointing || options.Mixup > 0 || options.Cutmix > 0;
        var reason = needsTorch ? "another precision or device than fp32 on the CPU, gradient checkpointing, mixup and CutMix need libtorch" : "";
        if (engine != "torch" && !needsTorch && DenseCompiler.CanRun(graph, options.Output, out reason)) return "dense";
        if (engine == "dense") throw new NotSupportedException($"the dense engine cannot run it: {reason}");
        return TorchCompiler.CanRun(graph, options.Output, out var other) ? "torch" : throw new NotSupportedException(engine == "torch" ? other : $"{other}; dense engine: {reason}");
    }

    /// <summary>Compiles a graph for its engine.</summary>
    /// <exception cref="NotSupportedException">No engine can run it, or libtorch is not available; says why.</exception>
    public static CompiledModel Compile(Graph graph, CompileOptions options, string engine = "auto")
        => Choose(graph, options, engine) == "dense" ? DenseCompiler.Compile(graph, options) : TorchCompiler.Compile(graph, options);

    /// <summary>The same with the engine left open, for <see cref="Prediction.Predictor"/>.</summary>
    public static CompiledModel CompileAny(Graph graph, CompileOptions options) => Compile(graph, options);
}
