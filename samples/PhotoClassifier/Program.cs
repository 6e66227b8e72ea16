// A classifier of your own pictures: PHOTOS/CLASS/*.jpg in, a model and an ONNX file with its verdict out, and what it says about pictures it has not seen.
//   dotnet run -c Release --project samples/PhotoClassifier -- PHOTOS RUN NEW_PHOTOS [MODEL.onnx | MODEL.safetensors | MODEL.pth]
using Attune;
using Attune.Engines;
using Attune.Export;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;

if (args is not [var photos, var run, var unseen, ..] || args.Length > 4)
{
    Console.Error.WriteLine("usage: PhotoClassifier PHOTOS RUN NEW_PHOTOS [MODEL]");
    return 2;
}
var pretrained = args.Length == 4 ? args[3] : null;

var result = FineTuning.Run(new RunOptions
{
    Out = run,
    Data = new DataOptions { Path = photos },
    Model = pretrained is null ? new ModelOptions { Name = "mobilenet_v3_small" } : new ModelOptions { Path = pretrained },
    Method = new MethodOptions { Name = pretrained is null ? "full" : "head" },
    Image = pretrained is null ? new ImageOptions { Size = 64 } : new ImageOptions(),
    Augmentation = new AugmentationOptions { Recipe = AugmentationRecipe.Light },
    Training = new TrainingOptions { Epochs = 5 },
});
Console.WriteLine($"{result.Verdict!.Word}: {result.Verdict.Sentence}");

using var predictor = Predictor.Load(run, ModelEngine.CompileAny);   // convolutions need libtorch
var predictions = PredictionFile.Write(predictor, unseen, Path.Combine(run, "predictions.csv"), keep: [], missing: []);
for (var row = 0; row < Math.Min(5, predictions.Rows); row++) Console.WriteLine($"picture {row + 1}: {predictions.Label(row)}");

using var proof = HeldOutRows.Of(run, predictor.Model);
var receipt = OnnxExport.Write(predictor.Model, Path.Combine(run, "photos.onnx"), proof);
Console.WriteLine($"photos.onnx: proven on {receipt["rows"]} pictures");
return 0;
