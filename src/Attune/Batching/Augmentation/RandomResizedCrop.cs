using Attune.Batching.Images;

namespace Attune.Batching.Augmentation;

/// <summary>Draws the rectangle of torchvision's <c>RandomResizedCrop</c> (Szegedy et al. 2015, arXiv:1409.4842).</summary>
internal static class RandomResizedCrop
{
    /// <summary>A rectangle of <paramref name="scale"/> to 1 of the area, its aspect log-uniform between 1/ratio and ratio; after ten misses the largest one in the middle.</summary>
    public static PixelBox Draw(ref RandomDraws draws, int width, int height, double scale, double ratio)
    {
        double area = (double)width * height, limit = Math.Log(ratio);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            double target = area * draws.Uniform(scale, 1), aspect = Math.Exp(draws.Uniform(-limit, limit));
            int w = (int)Math.Round(Math.Sqrt(target * aspect), MidpointRounding.ToEven), h = (int)Math.Round(Math.Sqrt(target / aspect), MidpointRounding.ToEven);
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                var top = draws.Below(height - h + 1);
                return new PixelBox(draws.Below(width - w + 1), top, w, h);
            }
        }
        var (cropWidth, cropHeight) = (width, height);
        var whole = (double)width / height;
        if (whole < 1 / ratio) cropHeight = Math.Clamp((int)Math.Round(width * ratio, MidpointRounding.ToEven), 1, height);
        else if (whole > ratio) cropWidth = Math.Clamp((int)Math.Round(height * ratio, MidpointRounding.ToEven), 1, width);
        return new PixelBox((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
    }
}
