using System.Collections.Concurrent;
using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
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
    private const int PassesPerReport = 8;
    private readonly ConcurrentBag<CompiledModel> _idle = [];
    private readonly Func<Graph, CompileOptions, CompiledModel> _compile;
    private readonly int _rowsPerPass;

    /// <summary>A predictor over a model in memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="compile">The engine; null for the dense one, which needs no native library. Package Attune has <c>ModelEngine.CompileAny</c>, which runs every network.</param>
    /// <exception cref="NotSupportedException">The engine cannot run the network.</exception>
    public Predictor(ModelFolder model, Func<Graph, CompileOptions, CompiledModel>? compile = null)
    {
        (Model, _compile, _rowsPerPass) = (model, compile ?? DenseCompiler.Compile, RowsPerPass(model.Network));
        _idle.Add(Compile());
    }

    /// <summary>Rows that a pass should take: 1,024, fewer where a row is a picture.</summary>
    public static int RowsPerPass(Graph network)
    {
        var width = network.Inputs.Sum(i => i.Shape is null ? 1 : i.Shape.Dimensions.Skip(1).Aggregate(1.0, (product, d) => product * (d.Size ?? 224)));
        return (int)Math.Clamp(4_800_000 / Math.Max(1, width), 16, 1024);
    }

    /// <summary>The model.</summary>
    public ModelFolder Model { get; }

    /// <summary>What is predicted.</summary>
    public LearningTask Task => Model.Task;

    /// <summary>Reads a run folder or model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="compile">The engine; null for the dense one.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    /// <exception cref="NotSupportedException">The engine cannot run the network.</exception>
    public static Predictor Load(string path, Func<Graph, CompileOptions, CompiledModel>? compile = null) => new(ModelFolder.Load(path), compile);

    /// <summary>Predicts all rows of a table that has the model's columns.</summary>
    /// <exception cref="DataFormatException">A column is missing or holds another kind of value.</exception>
    public PredictionTable Predict(Table table)
    {
        var set = Model.Encode(table, labelled: false, out var counts);
        return new PredictionTable(Task, Predict(set), counts);
    }

    /// <summary>Predicts one row: numbers, text, booleans, dates (DateTime, DateTimeOffset) or null by column name.</summary>
    /// <exception cref="DataFormatException">A column is missing or holds another kind of value.</exception>
    public PredictionTable Predict(IReadOnlyDictionary<string, object?> row) => Predict(RowTable.Of(row, Model.Columns));

    /// <summary>Predicts encoded rows; probabilities [U, K] or values [U, 1].</summary>
    public float[] Predict(EncodedSet set)
    {
        var rows = new int[set.Rows];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        return Predict(set, rows);
    }

    /// <summary>Predicts some of the encoded rows; probabilities or values, one line for each output of these rows.</summary>
    /// <param name="set">Encoded rows.</param>
    /// <param name="rows">Row indices.</param>
    /// <param name="progress">Receives rows done and all rows.</param>
    public float[] Predict(EncodedSet set, ReadOnlySpan<int> rows, Action<int, int>? progress = null) => Run(set, rows, judged: false, progress);

    /// <summary>Predictions of rows with targets, as metrics read them (<see cref="LearningTask.Judge"/>).</summary>
    /// <param name="set">Encoded rows with targets.</param>
    /// <param name="rows">Row indices.</param>
    public float[] Judge(EncodedSet set, ReadOnlySpan<int> rows) => Run(set, rows, judged: true, null);

    private float[] Run(EncodedSet set, ReadOnlySpan<int> rows, bool judged, Action<int, int>? progress)
    {
        var predictions = new float[(long)set.UnitsOf(rows) * Task.PredictionWidth];
        var (outputs, labels, values) = (Array.Empty<float>(), Array.Empty<int>(), Array.Empty<float>());
        if (!_idle.TryTake(out var model)) model = Compile();
        try
        {
            var at = 0;
            foreach (var (start, count) in OutputPieces.Of(set, rows, Task.OutputWidth, _rowsPerPass * PassesPerReport))
            {
                var part = rows.Slice(start, count);
                var units = set.UnitsOf(part);
                if (outputs.Length < units * Task.OutputWidth) outputs = new float[units * Task.OutputWidth];
                var made = outputs.AsSpan(0, units * Task.OutputWidth);
                var place = predictions.AsSpan(at * Task.PredictionWidth, units * Task.PredictionWidth);
                model.Predict(set, part, made);
                if (judged) Task.Judge(made, set.TargetsOf(part, StreamedInput.PlainView, ref labels, ref values).Labels, place);
                else Task.Activate(made, place);
                at += units;
                progress?.Invoke(start + count, rows.Length);
            }
        }
        finally { _idle.Add(model); }
        return predictions;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var model)) model.Dispose();
    }

    private CompiledModel Compile() => _compile(Model.Network, new CompileOptions { MaxRows = _rowsPerPass, Threads = 1 });
}
