using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Methods;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Runs;

/// <summary>The self-test on a saved model and a file of rows, with all weights training as in a full fine-tune.</summary>
public static class ModelSelfTest
{
    /// <summary>Runs all checks; nothing is written.</summary>
    /// <param name="model">Run or model folder.</param>
    /// <param name="data">File with the model's columns and its target.</param>
    /// <exception cref="DataFormatException">The model or the data cannot be read.</exception>
    public static IReadOnlyList<SelfTestCheck> Run(string model, string data)
    {
        var folder = ModelFolder.Load(model);
        var rows = TableReader.Read(data, new TableReadOptions { Expect = [.. folder.Columns, .. folder.Task.TargetSchema] });
        var set = folder.Encoder.Encode(rows, folder.Task.Encode(rows), out _);
        var options = new RunOptions { Model = new ModelOptions { Path = model } };
        var settings = AutoSettings.For(options, folder.Task, set.Rows, []);
        using var compiled = DenseCompiler.Compile(folder.Network, new CompileOptions
        {
            Trainable = TrainableSelection.Select(folder.Network, options.Method, options.Training.WeightDecay, 0, new HashSet<string>()),
        });
        return SelfTest.Run(compiled, set, settings);
    }
}
