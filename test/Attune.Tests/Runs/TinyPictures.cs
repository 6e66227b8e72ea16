using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Options;
using Attune.Randomness;
using Attune.Tests.Engines.Torch;
using SkiaSharp;

namespace Attune.Tests.Runs;

/// <summary>Tiny pictures of three colours with noise, and a tiny convolutional network as an ONNX file.</summary>
internal static class TinyPictures
{
    private static readonly string[] Classes = ["blue", "green", "red"];

    /// <summary>Writes photos/&lt;class&gt;/*.png of 12×12 and net.onnx (a Conv, BatchNormalization, pool and Gemm network) into a folder.</summary>
    public static (string Photos, string Network) Write(TemporaryFolder folder, int perClass = 20)
    {
        var photos = Path.Combine(folder.Path, "photos");
        for (var k = 0; k < Classes.Length; k++)
        {
            Directory.CreateDirectory(Path.Combine(photos, Classes[k]));
            for (var n = 0; n < perClass; n++)
            {
                var random = new Philox(17, Classes[k] + n);
                using var bitmap = new SKBitmap(12, 12);
                for (var i = 0; i < 144; i++)
                {
                    var pixel = new byte[3];
                    for (var c = 0; c < 3; c++) pixel[c] = (byte)Math.Clamp((c == 2 - k ? 140 : 100) + 45 * random.Normal((ulong)((3 * i) + c)), 0, 255);
                    bitmap.SetPixel(i % 12, i / 12, new SKColor(pixel[0], pixel[1], pixel[2]));
                }
                using var stream = File.Create(Path.Combine(photos, Classes[k], $"{n:D3}.png"));
                bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);
            }
        }
        var network = Path.Combine(folder.Path, "net.onnx");
        OnnxWriter.Write(TorchModelTests.ConvNet(), network);
        return (photos, network);
    }

    /// <summary>A run over them: full fine-tuning on libtorch unless the settings say else.</summary>
    public static RunOptions Quick((string Photos, string Network) files, string output, params string[] settings)
    {
        var reader = new OptionsReader().Set("out", output).Set("data.path", files.Photos).Set("model.path", files.Network);
        foreach (var setting in Settings.Concat(settings)) reader.Set(setting);
        return reader.Read();
    }

    /// <summary>Common settings of the runs.</summary>
    public static IReadOnlyList<string> Settings { get; } = ["training.epochs=4", "training.batch-size=10", "training.micro-batch-size=4", "training.learning-rate=0.01", "evaluation.resamples=100"];
}
