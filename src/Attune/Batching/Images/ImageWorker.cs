using Attune.Batching.Augmentation;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching.Images;

/// <summary>Makes one row of an <see cref="ImageInput"/> at a time: reads, decodes, resizes or augments, normalises. Keeps its memory; one instance per thread.</summary>
internal sealed class ImageWorker
{
    private readonly ImageSource _source;
    private readonly ImagePreparation _preparation;
    private readonly Augmenter? _augmenter;
    private readonly ResizedCache _cache;
    private readonly bool _cropsAtRandom;
    private readonly PixelImage _resized = new();
    private byte[] _bytes = new byte[1 << 16];

    public ImageWorker(ImageSource source, ImagePreprocessing preprocessing, AugmentationPlan? plan, ResizedCache cache, ulong seed, long maxPixels)
    {
        (_source, _cache) = (source, cache);
        _preparation = new ImagePreparation(preprocessing, maxPixels);
        _augmenter = plan is null || plan.IsNone ? null : new Augmenter(plan, _preparation, seed);
        _cropsAtRandom = plan?.CropScale is not null;
    }

    /// <summary>Writes a source row as planes [C, H, W].</summary>
    /// <exception cref="DataFormatException">The picture cannot be read; names it.</exception>
    public void Make(int row, int view, Span<float> planes)
    {
        if (view == StreamedInput.PlainView || _augmenter is null)
        {
            Resize(row);
            _preparation.Normalize(_resized, planes);
        }
        else if (_cropsAtRandom) _augmenter.FromPicture(Decode(row), row, view, planes);
        else
        {
            Resize(row);
            _augmenter.FromResized(_resized, row, view, planes);
        }
    }

    private void Resize(int row)
    {
        _resized.SetSize(_preparation.Settings.Width, _preparation.Settings.Height);
        if (_cache.TryGet(row, _resized)) return;
        _preparation.ResizeAndCrop(Decode(row), _resized);
        _cache.Add(row, _resized);
    }

    private PixelImage Decode(int row)
    {
        var length = _source.Read(row, ref _bytes);
        return _preparation.Decode(_bytes.AsSpan(0, length), _source.Name(row));
    }
}
