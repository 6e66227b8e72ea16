using System.Diagnostics;
using System.Globalization;
using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Benchmarks;

/// <summary>One picture file to a normalised [3, 224, 224] tensor, again and again on one thread; the bytes are in memory.</summary>
internal sealed class ImageBenchmark : IBenchmark
{
    private readonly byte[] _bytes;
    private readonly ImagePreparation _preparation = new(ImagePreprocessing.ImageNet, ImageSource.DefaultMaxPixels);
    private readonly PixelImage _resized = new();
    private readonly float[] _tensor = new float[3 * 224 * 224];

    /// <summary>For a file, whose path stands behind "image:" in the case's name.</summary>
    public ImageBenchmark(string path) => _bytes = File.ReadAllBytes(path);

    /// <summary>Mean and median seconds of <paramref name="count"/> pictures, and the sum of the last tensor.</summary>
    public (double Mean, double Median, double Loss) Run(int count)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var picture = _preparation.Decode(_bytes, "picture");
            _preparation.ResizeAndCrop(picture, _resized);
            _preparation.Normalize(_resized, _tensor);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(times);
        return (times.Average(), times[count / 2], _tensor.Sum(v => (double)v));
    }

    /// <summary>Nothing to let go of.</summary>
    public void Dispose() { }

    /// <summary>Prints what each part costs: decoding, resizing and cropping, normalising.</summary>
    public void Profile()
    {
        Run(100);
        var picture = _preparation.Decode(_bytes, "picture");
        Print("decode", () => picture = _preparation.Decode(_bytes, "picture"));
        Print("resize and crop", () => _preparation.ResizeAndCrop(picture, _resized));
        Print("normalize", () => _preparation.Normalize(_resized, _tensor));
    }

    private static void Print(string name, Action part)
    {
        var times = new double[300];
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            part();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: median {times[150]:f3} ms, fastest {times[0]:f3} ms"));
    }
}
