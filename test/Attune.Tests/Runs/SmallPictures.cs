using System.Globalization;
using System.Text;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Randomness;
using Attune.Tests.Engines.Dense;
using Attune.Weights;
using SkiaSharp;

namespace Attune.Tests.Runs;

/// <summary>Pictures that a test draws, and ONNX files of others small enough to train on them, or on columns, in a fraction of a second.</summary>
internal static class SmallPictures
{
    /// <summary>The classes in alphabetical order.</summary>
    public static readonly string[] Classes = ["blue", "green", "red"];

    /// <summary>Writes blue/, green/ and red/ with so many pictures each.</summary>
    public static string Folder(string path, int perClass = 24, int first = 0)
    {
        for (var k = 0; k < Classes.Length; k++)
        {
            Directory.CreateDirectory(Path.Combine(path, Classes[k]));
            for (var i = first; i < first + perClass; i++) File.WriteAllBytes(Path.Combine(path, Classes[k], $"{i:00}.png"), Png(k, i));
        }
        return path;
    }

    /// <summary>A list of the pictures of a folder beside it: file, label, and in column other another picture's path.</summary>
    public static string List(string folder)
    {
        var name = Path.GetFileName(folder);
        var files = Classes.SelectMany(c => Directory.GetFiles(Path.Combine(folder, c)).Order(StringComparer.Ordinal).Select(f => $"{name}/{c}/{Path.GetFileName(f)},{c}")).ToList();
        var text = new StringBuilder("file,label,other\n");
        for (var i = 0; i < files.Count; i++) text.Append(CultureInfo.InvariantCulture, $"{files[i]},{files[(i * 7 + 3) % files.Count].Split(',')[0]}\n");
        File.WriteAllText(folder + ".csv", text.ToString());
        return folder + ".csv";
    }

    /// <summary>A noisy picture whose channel of its class is a little stronger; neither square nor symmetric, its lower right quarter transparent.</summary>
    public static byte[] Png(int k, int i)
    {
        var random = new Philox(9, $"picture {k} {i}");
        using var bitmap = new SKBitmap(new SKImageInfo(30 + i % 5, 26 + i % 3, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var strength = 25 + 20 * random.Normal(0);
        for (var y = 0; y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++)
            {
                var noise = 30 * random.Normal((ulong)(y * bitmap.Width + x) + 1) + 3 * x - y;
                byte Channel(int which) => (byte)Math.Clamp(100 + noise + (which == k ? strength : 0) + 4 * which, 0, 255);
                bitmap.SetPixel(x, y, new SKColor(Channel(2), Channel(1), Channel(0), (byte)(x > bitmap.Width / 2 && y > bitmap.Height / 2 ? 0 : 255)));
            }
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>A convolution network in ONNX: two strided convolutions with BatchNormalization, pooled, then <c>fc</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="outputs">Numbers it gives.</param>
    /// <param name="side">Height and width that it takes; null for any.</param>
    public static string Network(string path, int outputs, int? side = null)
    {
        var g = new GraphBuilder("small");
        var x = g.Input("pixels", DataType.Float, side is { } s ? new Shape("B", 3, s, s) : new Shape("B", 3, "H", "W"));
        foreach (var (name, from, to) in new[] { ("conv1", 3, 8), ("conv2", 8, 12) })
        {
            g.Weight(name + ".weight", Tensor.Of(DenseGraphs.Numbers(name, to * from * 9, 1 / MathF.Sqrt(from * 9)), to, from, 3, 3));
            DenseGraphs.Norm(g, name + ".bn", to, buffers: true);
            x = g.Relu(g.BatchNorm(g.Conv(x, name, stride: 2, padding: 1), name + ".bn"));
        }
        x = g.Flatten(g.GlobalAveragePool(x));
        g.Output(DenseGraphs.Linear(g, x, "fc", 12, outputs), "logits", DataType.Float, new Shape("B", outputs));
        OnnxWriter.Write(g.Build(), path);
        return path;
    }

    /// <summary>A small network over columns in ONNX: <c>x</c> [B, inputs] → <c>y</c> [B, outputs], with Softmax for classes.</summary>
    public static string Columns(string path, int inputs, int outputs, bool softmax)
    {
        OnnxWriter.Write(DenseGraphs.Build(inputs, outputs, (g, x) =>
        {
            var y = DenseGraphs.Linear(g, g.Relu(DenseGraphs.Linear(g, x, "hidden", inputs, 16)), "out", 16, outputs);
            return softmax ? g.Node("Softmax", [y], Attributes.Of(("axis", -1L))) : y;
        }), path);
        return path;
    }
}
