using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using Attune.Losses;
using Attune.Randomness;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Engines.Torch;

/// <summary>Networks computed in bfloat16, forward and backward, against fp32.</summary>
public sealed class BFloat16Tests
{
    public static TheoryData<string> Networks => ["convolutions", "encoder_fused", "encoder_decomposed", "lstm", "resnet_small", "mobilenet_small"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Outputs_and_gradients_in_bfloat16_are_near_those_in_fp32(string name)
    {
        var graph = name == "convolutions" ? TorchModelTests.ConvNet() : BatchAxis.MakeSymbolic(OnnxReader.Read(Path.Combine(TestData.Golden("onnx"), $"{name}.onnx"), OnnxReadOptions.ForTraining)).Graph;
        var (exact, exactGradients) = Run(graph, Precision.Float32);
        var (rounded, roundedGradients) = Run(graph, Precision.BFloat16);
        Assert.NotEqual(exact, rounded);   // bf16 was used
        AssertNear(exact, rounded, 5e-2, "outputs");
        Assert.NotEmpty(exactGradients);
        // one row of 50 convolutions with 8 bits: the direction holds, single numbers do not
        Assert.All(exactGradients, g => AssertAligned(g.Value, roundedGradients[g.Key], g.Key));
    }

    private static (float[] Outputs, Dictionary<string, float[]> Gradients) Run(Graph graph, Precision precision)
    {
        const int rows = 4;
        var set = Inputs(graph, rows);
        using var model = TorchCompiler.Compile(graph, new CompileOptions { Trainable = TorchModelTests.All(graph), Precision = precision, Output = graph.Outputs[0].Name, FreezeBatchNorm = true });
        var outputs = new float[rows * model.OutputWidth];
        int[] all = [0, 1, 2, 3];
        model.Predict(set, all, outputs);
        model.Accumulate(set, all, LossCatalog.Create("cross-entropy", new LossOptions()), rows, new MicroStep(0, 0, TrainingMode.Random));
        var gradients = new Dictionary<string, float[]>();
        foreach (var weight in model.Trainable)
        {
            gradients[weight.Name] = new float[graph.Weights[weight.Name].Count];
            model.ReadGradient(weight.Name, gradients[weight.Name]);
        }
        return (outputs, gradients);
    }

    private static EncodedSet Inputs(Graph graph, int rows)
    {
        var inputs = new List<EncodedInput>();
        foreach (var input in graph.Inputs)
        {
            var width = (int)input.Shape!.Dimensions.Skip(1).Aggregate(1L, (product, d) => product * (d.Size ?? 6));
            var stream = new Philox(5, input.Name);
            var values = Enumerable.Range(0, rows * width).Select(i => stream.Normal((ulong)i)).ToArray();
            inputs.Add(input.Type == DataType.Int64
                ? new IndexInput(input.Name, width, input.Name.Contains("mask", StringComparison.Ordinal) ? [.. values.Select(_ => 1)] : [.. values.Select(v => (int)(Math.Abs(v) * 5))])
                : new FloatInput(input.Name, width, Array.ConvertAll(values, v => (float)v)));
        }
        return new EncodedSet(rows, inputs, Targets.Classes([0, 1, 1, 0]));
    }

    private static void AssertNear(float[] expected, float[] actual, double tolerance, string what)
    {
        var scale = expected.Max(Math.Abs);
        var worst = expected.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max();
        Assert.True(worst <= tolerance * scale, FormattableString.Invariant($"{what} differ by {worst:G4}, largest value {scale:G4}"));
    }

    private static void AssertAligned(float[] expected, float[] actual, string what)
    {
        double product = 0, left = 0, right = 0;
        for (var i = 0; i < expected.Length; i++) (product, left, right) = (product + (double)expected[i] * actual[i], left + (double)expected[i] * expected[i], right + (double)actual[i] * actual[i]);
        if (Math.Sqrt(left) < 1e-6) return;   // a bias before a normalisation: nothing but rounding
        var cosine = product / Math.Sqrt(left * right);
        Assert.True(cosine > 0.98, FormattableString.Invariant($"{what}: cosine {cosine:F4}"));
    }
}
