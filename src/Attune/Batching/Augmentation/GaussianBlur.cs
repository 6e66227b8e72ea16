using Attune.Data.Images;

namespace Attune.Batching.Augmentation;

/// <summary>Gaussian blur as torchvision's: a separable kernel in float, the border mirrored without its edge, rounded to 8 bits once.</summary>
internal sealed class GaussianBlur
{
    private float[] _rows = [], _kernel = [];

    /// <summary>Blurs in place.</summary>
    /// <param name="image">The picture, larger than half the kernel in both directions.</param>
    /// <param name="size">Kernel size, odd.</param>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    public void Apply(PixelImage image, int size, double sigma)
    {
        int half = size / 2, width = image.Width, height = image.Height, row = width * 4;
        Kernel(size, sigma);
        if (_rows.Length < row * height) _rows = new float[row * height];
        var pixels = image.Pixels;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                float r = 0, g = 0, b = 0;
                for (var k = -half; k <= half; k++)
                {
                    var at = y * row + Mirror(x + k, width) * 4;
                    var weight = _kernel[k + half];
                    r += weight * pixels[at];
                    g += weight * pixels[at + 1];
                    b += weight * pixels[at + 2];
                }
                (_rows[y * row + x * 4], _rows[y * row + x * 4 + 1], _rows[y * row + x * 4 + 2]) = (r, g, b);
            }
        }
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < row; i++)
            {
                if ((i & 3) == 3) continue;
                float sum = 0;
                for (var k = -half; k <= half; k++) sum += _kernel[k + half] * _rows[Mirror(y + k, height) * row + i];
                pixels[y * row + i] = (byte)Math.Clamp(MathF.Round(sum, MidpointRounding.ToEven), 0, 255);
            }
        }
    }

    private void Kernel(int size, double sigma)
    {
        if (_kernel.Length != size) _kernel = new float[size];
        float sum = 0;
        for (var i = 0; i < size; i++)
        {
            var x = (i - (size - 1) * 0.5) / sigma;
            sum += _kernel[i] = (float)Math.Exp(-0.5 * x * x);
        }
        for (var i = 0; i < size; i++) _kernel[i] /= sum;
    }

    private static int Mirror(int i, int size) => i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
}
