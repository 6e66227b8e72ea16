using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Weights;

namespace Attune.Benchmarks;

/// <summary>From an ONNX file of 50 MB to the end of the first training step: ResNet-18 with 2,600 classes, all weights train, 4 pictures of 224².</summary>
internal static class OnnxFirstStep
{
    private const int Rows = 4;

    /// <summary>Writes the file.</summary>
    public static void Write(string path) => OnnxWriter.Write(VisionModel.Create("resnet18", 2600, 2).Graph, path);

    /// <summary>Reads the file, compiles it and takes one step; the loss.</summary>
    public static double Run(string path, int threads)
    {
        var graph = VisionTraining.At224(OnnxReader.Read(path));
        using var model = TorchCompiler.Compile(graph, new CompileOptions
        {
            Trainable = [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))],
            MaxRows = Rows,
            Threads = threads,
        });
        var loss = model.Accumulate(VisionTraining.Pictures(Rows), [0, 1, 2, 3], new CrossEntropy(), Rows, new MicroStep(0, 0)) / Rows;
        model.Update(new Sgd(momentum: 0.9), new UpdateStep(0, 0.01, 0, 1));
        return loss;
    }
}
