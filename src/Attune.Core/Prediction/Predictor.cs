using System.Collections.Concurrent;
using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>
/// Predicts with a model folder. Immutable and thread-safe: any number of threads may predict at once. Needs nothing but <c>Attune.Core</c>.
/// </summary>
/// <example><code>
/// using var predictor = Predictor.Load("runs/first");
/// var result = predictor.Predict(new Dictionary&lt;string, object?&gt; { ["age"] = 41, ["city"] = "Oslo" });
/// Console.WriteLine(result.Label(0));
/// </code></example>
public sealed class Predictor : IDisposable
{
    private const int RowsPerPass = 1024;
    private readonly ConcurrentBag<DenseModel> _idle = [];

    /// <summary>A predictor over a model in memory.</summary>
    /// <exception cref="WeightsException">The network has an operator the engine cannot run.</exception>
    public Predictor(ModelFolder model)
    {
        Model = model;
        _idle.Add(Compile());
    }

    /// <summary>The model.</summary>
    public ModelFolder Model { get; }

    /// <summary>What is predicted.</summary>
    public LearningTask Task => Model.Task;

    /// <summary>Reads a run folder or model folder.</summary>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    public static Predictor Load(string path) => new(ModelFolder.Load(path));

    /// <summary>Predicts all rows of a table that has the model's columns.</summary>
    /// <exception cref="DataFormatException">A column is missing or holds another kind of value.</exception>
    public PredictionTable Predict(Table table)
    {
        var set = Model.Encoder.Encode(table, null, out var counts);
        return new PredictionTable(Task, Predict(set), counts);
    }

    /// <summary>Predicts one row: numbers, text, booleans, dates (DateTime, DateTimeOffset) or null by column name.</summary>
    /// <exception cref="DataFormatException">A column is missing or holds another kind of value.</exception>
    public PredictionTable Predict(IReadOnlyDictionary<string, object?> row) => Predict(RowTable.Of(row, Model.Columns));

    /// <summary>Predicts encoded rows; probabilities [R, K] or values [R, 1].</summary>
    public float[] Predict(EncodedSet set)
    {
        var outputs = new float[(long)set.Rows * Task.OutputWidth];
        var rows = new int[set.Rows];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        if (!_idle.TryTake(out var model)) model = Compile();
        try { model.Predict(set, rows, outputs); }
        finally { _idle.Add(model); }
        var predictions = new float[(long)set.Rows * Task.PredictionWidth];
        Task.Activate(outputs, predictions);
        return predictions;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var model)) model.Dispose();
    }

    private DenseModel Compile() => DenseCompiler.Compile(Model.Network, new CompileOptions { MaxRows = RowsPerPass });
}
