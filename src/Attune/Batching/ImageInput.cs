using Attune.Batching.Augmentation;
using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching;

/// <summary>
/// Pictures as rows of a network's input [C, H, W], decoded when they are asked for, by several threads ahead of training when they were announced
/// (<see cref="Expect"/>). A row depends on (seed, row of the source, view) alone: order, threads and memory limits change no bit.
/// </summary>
public sealed class ImageInput : StreamedInput, IDisposable
{
    private readonly int[] _rows;
    private readonly bool _augments;
    private readonly ReadAhead _ahead;

    /// <summary>The rows <paramref name="rows"/> of a source, in this order. Nothing is read yet.</summary>
    /// <param name="name">Name of the graph input.</param>
    /// <param name="source">The pictures' bytes; not disposed by this.</param>
    /// <param name="rows">Row of the source for each row R of this input.</param>
    /// <param name="preprocessing">How pictures become numbers.</param>
    /// <param name="settings">Augmentation and limits; null for none and the defaults.</param>
    /// <exception cref="ArgumentException">The preprocessing has problems.</exception>
    public ImageInput(string name, ImageSource source, IReadOnlyList<int> rows, ImagePreprocessing preprocessing, ImageInputSettings? settings = null)
        : base(name, preprocessing.Shape, rows.Count)
    {
        settings ??= new ImageInputSettings();
        if (preprocessing.Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(preprocessing));
        _rows = [.. rows];
        var plan = settings.Augmentation is { } augmentation ? AugmentationPlan.Of(augmentation) : null;
        _augments = plan is { IsNone: false };
        var cache = new ResizedCache(source.Rows, settings.CacheBytes);
        _ahead = new ReadAhead(Width, settings.EffectiveThreads, (int)Math.Clamp(settings.AheadBytes / (Width * 4L), 1, int.MaxValue),
            () => new ImageWorker(source, preprocessing, plan, cache, settings.Seed, settings.MaxPixels).Make);
    }

    /// <summary>Rows that are being made or wait finished.</summary>
    internal int Ahead => _ahead.Held;

    /// <inheritdoc/>
    public override bool IsAugmented => _augments;

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">A picture cannot be read; names it.</exception>
    public override void Read(ReadOnlySpan<int> rows, int view, Span<float> destination) => _ahead.Read(SourceRows(rows), View(view), destination);

    /// <inheritdoc/>
    public override void Expect(ReadOnlySpan<int> rows, int view) => _ahead.Expect(SourceRows(rows), View(view));

    /// <summary>Ends the threads. The source stays open.</summary>
    public void Dispose() => _ahead.Dispose();

    // Without augmentation every view is the plain one.
    private int View(int view) => _augments ? view : PlainView;

    private int[] SourceRows(ReadOnlySpan<int> rows)
    {
        var mapped = new int[rows.Length];
        for (var i = 0; i < mapped.Length; i++) mapped[i] = _rows[rows[i]];
        return mapped;
    }
}
