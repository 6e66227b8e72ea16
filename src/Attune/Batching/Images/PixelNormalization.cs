using System.Numerics;
using System.Runtime.InteropServices;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching.Images;

/// <summary>
/// (pixel × scale − mean) / std into planes [C, H, W], in float operations in this order (a scale of 1/255 divides by 255), so that results equal
/// torchvision's <c>ToTensor</c> and <c>Normalize</c>.
/// </summary>
internal sealed class PixelNormalization
{
    private readonly int[] _shifts;
    private readonly float[] _mean, _std;
    private readonly float _scale;
    private readonly bool _divide;

    /// <summary>The normalisation of a valid preprocessing.</summary>
    public PixelNormalization(ImagePreprocessing settings)
    {
        // Red lies in the lowest byte of a pixel's word; a grey picture holds its luma in all three.
        _shifts = settings.Channels switch { ImageChannels.Bgr => [16, 8, 0], ImageChannels.Grey => [0], _ => [0, 8, 16] };
        _divide = settings.Scale == 1.0 / 255;
        _scale = _divide ? 255f : (float)settings.Scale;
        _mean = [.. _shifts.Select((_, c) => (float)settings.Mean[settings.Mean.Count == 1 ? 0 : c])];
        _std = [.. _shifts.Select((_, c) => (float)settings.Std[settings.Std.Count == 1 ? 0 : c])];
    }

    /// <summary>Writes the planes of a picture.</summary>
    public void Write(PixelImage image, Span<float> planes)
    {
        var words = image.Words;
        for (var c = 0; c < _shifts.Length; c++) Plane(words, c, planes.Slice(c * words.Length, words.Length));
    }

    private void Plane(ReadOnlySpan<uint> words, int channel, Span<float> plane)
    {
        var (shift, mean, std) = (_shifts[channel], _mean[channel], _std[channel]);
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var (m, s, scale, low) = (new Vector<float>(mean), new Vector<float>(std), new Vector<float>(_scale), new Vector<uint>(255));
            var from = MemoryMarshal.Cast<uint, Vector<uint>>(words);
            var to = MemoryMarshal.Cast<float, Vector<float>>(plane);
            for (var v = 0; v < from.Length; v++)
            {
                var value = Vector.ConvertToSingle(Vector.AsVectorInt32((from[v] >>> shift) & low));
                value = _divide ? value / scale : value * scale;
                to[v] = (value - m) / s;
            }
            i = from.Length * Vector<uint>.Count;
        }
        for (; i < words.Length; i++)
        {
            float value = (words[i] >>> shift) & 255;
            value = _divide ? value / _scale : value * _scale;
            plane[i] = (value - mean) / std;
        }
    }
}
