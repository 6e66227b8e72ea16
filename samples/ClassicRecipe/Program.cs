// The classic recipe from parts: scale by 255, 80/20, Dense 64 relu, Dense 64 relu, Dense 1, Adam, binary cross-entropy.
//   dotnet run -c Release --project samples/ClassicRecipe [train.csv test.csv]      (column "label" is 0 or 1, the others are pixels 0..255)
using System.Globalization;
using Attune.ClassicRecipe;
using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Evaluation;
using Attune.Graphs;
using Attune.Losses;
using Attune.Metrics;
using Attune.Models;
using Attune.Optimizers;
using Attune.Prediction;
using Attune.Schedules;
using Attune.Splitting;
using Attune.Tasks;
using Attune.Training;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var (trainFile, testFile) = args is [var first, var second] ? (first, second) : Pixels.WriteFiles();

// Data: 80 % trains, 20 % validates, the test file stays untouched.
var label = new TableReadOptions { Kinds = new Dictionary<string, ColumnKind> { ["label"] = ColumnKind.Category } };
var table = TableReader.Read(trainFile, label);
var splits = Splitter.Split(table, new SplitRequest { Validation = 0.2, Seed = 1, TestTable = TableReader.Read(testFile, label) }, "label", isClassification: true);
var task = new Classification("label", ["0", "1"], positiveClass: "1");
var pixels = table.Schema.Where(c => c.IsFeature && c.Name != "label").ToList();

// Encoding: pixel / 255. Fit takes the training split only.
var encoder = EncoderFitting.Fit(splits.Train, pixels, new EncodingOptions { Numeric = NumericScaling.Divide, Divisor = 255 });
EncodedSet Encode(Table rows) => encoder.Encode(rows, task.Encode(rows), out _);
var (train, validation, test) = (Encode(splits.Train.Rows), Encode(splits.Validation), Encode(splits.Test));

// Model.
var g = new GraphBuilder("classic");
var x = g.Input(TableEncoder.FeaturesName, DataType.Float, new Shape("B", encoder.FeatureWidth));          // [B, F]
x = g.Relu(Mlp.Linear(g, x, "dense1", encoder.FeatureWidth, 64, gain: 2, seed: 1));                        // [B, 64]
x = g.Relu(Mlp.Linear(g, x, "dense2", 64, 64, gain: 2, seed: 1));                                          // [B, 64]
x = Mlp.Linear(g, x, "dense3", 64, 1, gain: 1, seed: 1);                                                   // [B, 1], logits: the sigmoid is the loss's
g.Output(x, "logits", DataType.Float, new Shape("B", 1));
var graph = g.Build();
using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [.. graph.Weights.All.Select(w => new TrainableWeight(w.Name))] });

// Training.
const int epochs = 10, batchSize = 32;
var settings = new TrainingSettings
{
    Loss = new BinaryCrossEntropy(),
    Optimizer = new Adam(),
    LearningRate = 1e-3,
    Schedule = new ConstantSchedule((long)epochs * TrainingLoop.StepsPerEpoch(train.Rows, batchSize)),
    Metric = new LogLoss(),
    Epochs = epochs,
    BatchSize = batchSize,
    MicroBatchSize = batchSize,
    Seed = 1,
};
new TrainingLoop(model, task, settings, train, validation).Run(new EpochLines());
model.SaveWeights();

// Evaluate and predict.
using var predictor = new Predictor(new ModelFolder(graph, new TableInputs(encoder, pixels), task, []));
var metrics = Evaluator.Evaluate(ScoredSet.Of(task, test.Targets!, predictor.Predict(test)), new EvaluationSettings { Seed = 1 }).Metrics;
Console.WriteLine($"test: log_loss {metrics["log_loss"].Value:0.000}, accuracy {metrics["accuracy"].Value:0.000} ({test.Rows} rows, 95 % interval {metrics["accuracy"].Interval!.Value.Low:0.000} to {metrics["accuracy"].Interval!.Value.High:0.000})");
var predictions = predictor.Predict(splits.Test);
for (var row = 0; row < 3; row++) Console.WriteLine($"row {row}: {predictions.Label(row)}, probability of 1: {predictions.Row(row)[1]:0.000}");
