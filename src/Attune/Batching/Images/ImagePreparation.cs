using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching.Images;

/// <summary>From a file's bytes to pixels of the network's input size, and from those to numbers. Keeps its memory; one instance per thread.</summary>
internal sealed class ImagePreparation
{
    private readonly ImageDecoder _decoder = new();
    private readonly Resampler _resampler = new();
    private readonly PixelImage _decoded = new();
    private readonly ImagePreprocessing _settings;
    private readonly PixelNormalization _normalization;
    private readonly (byte, byte, byte) _background;
    private readonly long _maxPixels;

    /// <summary>For a preprocessing.</summary>
    /// <exception cref="ArgumentException">It has problems.</exception>
    public ImagePreparation(ImagePreprocessing settings, long maxPixels)
    {
        if (settings.Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(settings));
        (_settings, _maxPixels, _background) = (settings, maxPixels, settings.BackgroundColor);
        _normalization = new PixelNormalization(settings);
    }

    /// <summary>The preprocessing.</summary>
    public ImagePreprocessing Settings => _settings;

    /// <summary>Decodes a file; the picture stays valid until the next one. A grey network gets luma in all channels.</summary>
    /// <exception cref="DataFormatException">See <see cref="ImageDecoder.Decode"/>.</exception>
    public PixelImage Decode(ReadOnlySpan<byte> bytes, string name)
    {
        _decoder.Decode(bytes, name, _decoded, _maxPixels, _background);
        if (_settings.Channels == ImageChannels.Grey) Luma.Apply(_decoded);
        return _decoded;
    }

    /// <summary>Resizes and crops to the centre, [H, W]: what prediction sees. A crop larger than the picture is padded with black (torchvision).</summary>
    public void ResizeAndCrop(PixelImage picture, PixelImage result)
    {
        var (height, width) = _settings.ResizedSize(picture.Height, picture.Width);
        if (height >= _settings.Height && width >= _settings.Width)
        {
            var box = new PixelBox(Middle(width, _settings.Width), Middle(height, _settings.Height), _settings.Width, _settings.Height);
            _resampler.Resize(picture, PixelBox.Of(picture), width, height, _settings.Interpolation, box, result);
            return;
        }
        var (boxWidth, boxHeight) = (Math.Min(width, _settings.Width), Math.Min(height, _settings.Height));
        var inner = new PixelImage();
        _resampler.Resize(picture, PixelBox.Of(picture), width, height, _settings.Interpolation, new PixelBox(Middle(width, boxWidth), Middle(height, boxHeight), boxWidth, boxHeight), inner);
        result.SetSize(_settings.Width, _settings.Height);
        result.Words.Fill(0xFF000000);
        var (left, top) = ((_settings.Width - boxWidth) / 2, (_settings.Height - boxHeight) / 2);
        for (var y = 0; y < boxHeight; y++) inner.Words.Slice(y * boxWidth, boxWidth).CopyTo(result.Words[((top + y) * _settings.Width + left)..]);
    }

    /// <summary>Resizes a part of the picture to the network's input size.</summary>
    public void ResizePart(PixelImage picture, PixelBox part, PixelImage result)
        => _resampler.Resize(picture, part, _settings.Width, _settings.Height, _settings.Interpolation, new PixelBox(0, 0, _settings.Width, _settings.Height), result);

    /// <summary>Writes a picture of the input size as planes [C, H, W].</summary>
    public void Normalize(PixelImage picture, Span<float> planes) => _normalization.Write(picture, planes);

    // int(round(difference / 2)) of Python, which rounds halves to even.
    private static int Middle(int size, int crop) => (int)Math.Round((size - crop) / 2.0, MidpointRounding.ToEven);
}
