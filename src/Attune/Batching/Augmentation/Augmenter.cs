using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Randomness;

namespace Attune.Batching.Augmentation;

/// <summary>
/// Makes one augmented view: random crop and flips, automatic augmentation, colour jitter, grey, blur; then normalisation and random erasing. Every number
/// is drawn from Philox(seed, "augment", row, view). Keeps its memory; one instance per thread.
/// </summary>
internal sealed class Augmenter(AugmentationPlan plan, ImagePreparation preparation, ulong seed)
{
    private const int Bins = 31;
    private static readonly ulong Stream = Philox.Stream("augment");

    private readonly PixelImage _view = new(), _scratch = new();
    private readonly GaussianBlur _blur = new();

    /// <summary>Writes a view of a decoded picture as planes [C, H, W].</summary>
    public void FromPicture(PixelImage picture, int row, int view, Span<float> planes)
    {
        var draws = new RandomDraws(new Philox(seed, Stream, row, view));
        if (plan.CropScale is { } scale)
        {
            var box = RandomResizedCrop.Draw(ref draws, picture.Width, picture.Height, scale, plan.CropRatio);
            preparation.ResizePart(picture, box, _view);
        }
        else preparation.ResizeAndCrop(picture, _view);
        Finish(ref draws, planes);
    }

    /// <summary>Writes a view of a picture that has the input size already; only for plans without random crop. Equals <see cref="FromPicture"/>.</summary>
    public void FromResized(PixelImage resized, int row, int view, Span<float> planes)
    {
        var draws = new RandomDraws(new Philox(seed, Stream, row, view));
        _view.CopyFrom(resized);
        Finish(ref draws, planes);
    }

    private void Finish(ref RandomDraws draws, Span<float> planes)
    {
        if (plan.HorizontalFlip > 0 && draws.Chance(plan.HorizontalFlip)) Geometry.FlipHorizontally(_view);
        if (plan.VerticalFlip > 0 && draws.Chance(plan.VerticalFlip)) Geometry.FlipVertically(_view);
        for (var i = 0; i < plan.RandAugmentOperations; i++) Apply(ref draws, AugmentationOperation.RandAugment, plan.RandAugmentMagnitude);
        if (plan.TrivialAugment) Apply(ref draws, AugmentationOperation.TrivialWide, null);
        Jitter(ref draws);
        if (plan.Grayscale > 0 && draws.Chance(plan.Grayscale)) Luma.Apply(_view);
        if (plan.Blur > 0 && draws.Chance(plan.Blur)) Blur(draws.Uniform(0.1, 2));
        // A grey network reads the red plane only: what coloured it is turned back.
        if (preparation.Settings.Channels == ImageChannels.Grey) Luma.Apply(_view);
        preparation.Normalize(_view, planes);
        if (plan.Erasing > 0 && draws.Chance(plan.Erasing) && RandomErasing.Draw(ref draws, _view.Width, _view.Height) is { } box)
            RandomErasing.Erase(planes, preparation.Settings.ChannelCount, _view.Width, _view.Height, box);
    }

    private void Apply(ref RandomDraws draws, IReadOnlyList<AugmentationOperation> operations, int? bin)
    {
        var operation = operations[draws.Below(operations.Count)];
        var magnitude = operation.Magnitudes?.Invoke(bin ?? draws.Below(Bins), Bins, _view.Height, _view.Width) ?? 0;
        if (operation.Signed && draws.Below(2) == 1) magnitude = -magnitude;
        operation.Apply(_view, magnitude, preparation.Settings.Interpolation, _scratch);
    }

    // ColorJitter: the four changes in random order, each by its own factor.
    private void Jitter(ref RandomDraws draws)
    {
        if (plan is { Brightness: 0, Contrast: 0, Saturation: 0, Hue: 0 }) return;
        Span<int> order = [0, 1, 2, 3];
        for (var i = 3; i > 0; i--)
        {
            var j = draws.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        float brightness = Factor(ref draws, plan.Brightness), contrast = Factor(ref draws, plan.Contrast), saturation = Factor(ref draws, plan.Saturation);
        var hue = draws.Uniform(-plan.Hue, plan.Hue);
        foreach (var change in order)
        {
            if (change == 0 && plan.Brightness > 0) ColorOperations.Brightness(_view, brightness);
            else if (change == 1 && plan.Contrast > 0) ColorOperations.Contrast(_view, contrast);
            else if (change == 2 && plan.Saturation > 0) ColorOperations.Saturation(_view, saturation);
            else if (change == 3 && plan.Hue > 0) ColorOperations.Hue(_view, hue);
        }
    }

    private static float Factor(ref RandomDraws draws, double strength) => (float)draws.Uniform(Math.Max(0, 1 - strength), 1 + strength);

    // A tenth of the height, odd, and small enough for its mirrored border.
    private void Blur(double sigma)
    {
        var size = Math.Min(_view.Height / 10 | 1, Math.Min(_view.Width, _view.Height) * 2 - 1);
        if (size >= 3) _blur.Apply(_view, size, sigma);
    }
}
