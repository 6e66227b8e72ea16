using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Prediction;
using Attune.Runs;
using Attune.Weights;

namespace Attune.Export;

/// <summary>Proves that a saved model folder is the trained model: read back from disk, same outputs on held-out rows, weights not those of the start.</summary>
internal static class ModelReceipt
{
    /// <summary>Largest difference of a prediction that counts as equal.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>Checks the folder and writes <c>receipt.json</c> beside the model.</summary>
    /// <param name="folder">The model folder as just written.</param>
    /// <param name="trained">The model in memory.</param>
    /// <param name="start">Weights before training.</param>
    /// <param name="delivered">The trained model as it was judged.</param>
    /// <param name="set">Held-out rows.</param>
    /// <param name="rows">Which of them are compared.</param>
    /// <exception cref="WeightsException">The folder is not the trained model.</exception>
    public static void Write(string folder, ModelFolder trained, WeightStore start, CompiledModel delivered, EncodedSet set, int[] rows)
    {
        var expected = new float[(long)set.UnitsOf(rows) * trained.Task.PredictionWidth];
        Scorer.Predict(delivered, set, rows, trained.Task, expected);
        using var reloaded = Predictor.Load(folder, ModelEngine.CompileAny);
        var actual = set.Targets is null ? reloaded.Predict(set, rows) : reloaded.Judge(set, rows);
        double largest = 0, scale = 1;
        for (var i = 0; i < actual.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)actual[i] - expected[i]));
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }
        if (!(largest <= Tolerance * scale))
            throw new WeightsException(string.Create(CultureInfo.InvariantCulture, $"{folder}: The saved model differs from the trained one by {largest:E2} on {rows.Length} held-out rows (limit {Tolerance * scale:E0}). Nothing of it should be used; please report this."));
        var moved = reloaded.Model.Network.Weights.All.Count(w => start.TryGet(w.Name, out var before) && !before.Value.Data.Span<byte>().SequenceEqual(w.Value.Data.Span<byte>()));
        if (moved == 0) throw new WeightsException($"{folder}: The saved weights equal those before training: training changed nothing. Raise the learning rate or the epochs.");
        RunFolder.WriteObject(Path.Combine(folder, "receipt.json"), new JsonObject
        {
            ["rows"] = rows.Length,
            ["largestDifference"] = largest,
            ["limit"] = Tolerance * scale,
            ["weights"] = reloaded.Model.Network.Weights.All.Count,
            ["weightsMoved"] = moved,
            ["weightsSha256"] = reloaded.Model.WeightsSha256,
        });
    }
}
