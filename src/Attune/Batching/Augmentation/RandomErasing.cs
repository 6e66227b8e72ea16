using Attune.Batching.Images;

namespace Attune.Batching.Augmentation;

/// <summary>torchvision's <c>RandomErasing</c> with value 0: a rectangle of 2 to 33 % of the area, its aspect log-uniform between 0.3 and 3.3.</summary>
internal static class RandomErasing
{
    /// <summary>The rectangle; null after ten misses.</summary>
    public static PixelBox? Draw(ref RandomDraws draws, int width, int height)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            double target = (double)width * height * draws.Uniform(0.02, 0.33), aspect = Math.Exp(draws.Uniform(Math.Log(0.3), Math.Log(3.3)));
            int h = (int)Math.Round(Math.Sqrt(target * aspect), MidpointRounding.ToEven), w = (int)Math.Round(Math.Sqrt(target / aspect), MidpointRounding.ToEven);
            if (h >= height || w >= width || h < 1 || w < 1) continue;
            var top = draws.Below(height - h + 1);
            return new PixelBox(draws.Below(width - w + 1), top, w, h);
        }
        return null;
    }

    /// <summary>Sets a rectangle of planes [C, H, W] to 0.</summary>
    public static void Erase(Span<float> planes, int channels, int width, int height, PixelBox box)
    {
        for (var row = 0; row < channels * box.Height; row++)
        {
            var (channel, y) = (row / box.Height, row % box.Height + box.Top);
            planes.Slice((channel * height + y) * width + box.Left, box.Width).Clear();
        }
    }
}
