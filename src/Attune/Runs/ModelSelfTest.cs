using Attune.Engines;
using Attune.Options;
using Attune.Prediction;
using Attune.Training;

namespace Attune.Runs;

/// <summary>The self-test that opens every run, without the run: on any model, method and rows.</summary>
public static class ModelSelfTest
{
    /// <summary>Runs all checks; nothing is written.</summary>
    /// <param name="options">Model, data, target and method as for a run; <c>out</c> is not needed.</param>
    /// <exception cref="OptionsException">The options contradict each other, or no engine runs the network.</exception>
    /// <exception cref="DataFormatException">The model or the data cannot be read.</exception>
    public static IReadOnlyList<SelfTestCheck> Run(RunOptions options)
    {
        using var run = RunPreparation.Prepare(options with { Out = options.Out ?? "(none)" });
        var settings = CompileSettings.Of(options) with
        {
            Trainable = run.Trainable,
            MaxRows = Math.Max(run.Settings.MicroBatchSize, Predictor.RowsPerPass(run.Network)),
            Threads = run.Threads,
            FreezeBatchNorm = run.Method.FreezeBatchNorm,
            PrefixCache = CompileSettings.Prefix(options, run.Task),
        };
        try
        {
            using var compiled = ModelEngine.Compile(run.Network, settings, run.Engine);
            return
            [
                .. SelfTest.Run(compiled, run.Train, run.Settings),
                .. AdapterCheck.Run(run.Method, run.Train, graph => ModelEngine.Compile(graph, settings with { Trainable = [], PrefixCache = null }, run.Engine)),
            ];
        }
        catch (NotSupportedException e)
        {
            throw new OptionsException($"model: no engine can run this network: {e.Message}");
        }
    }
}
