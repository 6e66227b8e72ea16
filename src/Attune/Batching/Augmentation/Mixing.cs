using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using Attune.Randomness;

namespace Attune.Batching.Augmentation;

/// <summary>
/// How the rows of one micro-batch are mixed with each other: mixup (Zhang et al. 2017, arXiv:1710.09412) x ← λ x + (1 − λ) x[partner], or CutMix
/// (Yun et al. 2019, arXiv:1905.04899): a rectangle comes from the partner. The loss is mixed alike: λ · loss(labels) + (1 − λ) · loss(labels[partner]).
/// Departure from torchvision, which takes each row's neighbour: partners are a random permutation, as in the papers.
/// </summary>
public sealed record Mixing
{
    private Mixing(IReadOnlyList<int> partners, double lambda, (int Left, int Top, int Width, int Height)? box) => (Partners, Lambda, Box) = (partners, lambda, box);

    /// <summary>The row that each row is mixed with, a permutation of 0 … B − 1; a row may be its own partner.</summary>
    public IReadOnlyList<int> Partners { get; }

    /// <summary>Weight λ of a row's own pixels and labels, in [0, 1]; for CutMix the share of the area that is its own.</summary>
    public double Lambda { get; }

    /// <summary>The rectangle that comes from the partner; null for mixup.</summary>
    public (int Left, int Top, int Width, int Height)? Box { get; }

    /// <summary>Draws the mixing of a micro-batch, a pure function of its arguments. With both α above 0, one of the two methods is drawn.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">Optimizer step.</param>
    /// <param name="microStep">Micro-step in it.</param>
    /// <param name="rows">Rows B.</param>
    /// <param name="height">Height H of the inputs.</param>
    /// <param name="width">Width W of the inputs.</param>
    /// <param name="mixup">α of mixup's Beta(α, α), ≥ 0; 0: no mixup.</param>
    /// <param name="cutmix">α of CutMix's Beta(α, α), ≥ 0; 0: no CutMix.</param>
    /// <returns>Null when both are 0.</returns>
    public static Mixing? Draw(ulong seed, long step, int microStep, int rows, int height, int width, double mixup, double cutmix)
    {
        if (!(mixup > 0) && !(cutmix > 0)) return null;
        var partners = new int[rows];
        for (var i = 0; i < rows; i++) partners[i] = i;
        new Philox(seed, "mixing:partners", step, microStep).Shuffle(partners);
        var draws = new RandomDraws(new Philox(seed, "mixing", step, microStep));
        var first = draws.Below(2) == 0;
        if (mixup > 0 && (first || !(cutmix > 0))) return new Mixing(partners, Beta(ref draws, mixup), null);

        var lambda = Beta(ref draws, cutmix);
        int x = draws.Below(width), y = draws.Below(height);
        var half = 0.5 * Math.Sqrt(1 - lambda);
        int halfWidth = (int)(half * width), halfHeight = (int)(half * height);
        int left = Math.Max(x - halfWidth, 0), top = Math.Max(y - halfHeight, 0), right = Math.Min(x + halfWidth, width), bottom = Math.Min(y + halfHeight, height);
        var box = (left, top, right - left, bottom - top);
        return new Mixing(partners, 1 - (double)(right - left) * (bottom - top) / ((double)width * height), box);
    }

    /// <summary>Mixes a batch in place.</summary>
    /// <param name="batch">[B, C, H, W] row-major.</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <exception cref="ArgumentException">The batch has another size.</exception>
    public void Apply(Span<float> batch, int channels, int height, int width)
    {
        var size = channels * height * width;
        if (batch.Length != (long)Partners.Count * size) throw new ArgumentException($"The batch has {batch.Length} values; {Partners.Count} rows of [{channels}, {height}, {width}] need {(long)Partners.Count * size}.", nameof(batch));
        var first = ArrayPool<float>.Shared.Rent(size);
        var done = new bool[Partners.Count];
        for (var start = 0; start < done.Length; start++)
        {
            if (done[start] || Partners[start] == start) continue;
            // Along a cycle of partners every row is still unmixed when the row before it takes from it; the first one's copy closes the cycle.
            batch.Slice(start * size, size).CopyTo(first);
            for (var row = start; !done[row]; row = Partners[row])
            {
                done[row] = true;
                var partner = Partners[row] == start ? first.AsSpan(0, size) : batch.Slice(Partners[row] * size, size);
                Mix(batch.Slice(row * size, size), partner, channels, height, width);
            }
        }
        ArrayPool<float>.Shared.Return(first);
    }

    private void Mix(Span<float> row, ReadOnlySpan<float> partner, int channels, int height, int width)
    {
        if (Box is not { } box)
        {
            Blend(row, partner, (float)Lambda, (float)(1 - Lambda));
            return;
        }
        for (var i = 0; i < channels * box.Height; i++)
        {
            var at = (i / box.Height * height + box.Top + i % box.Height) * width + box.Left;
            partner.Slice(at, box.Width).CopyTo(row[at..]);
        }
    }

    private static void Blend(Span<float> row, ReadOnlySpan<float> partner, float own, float other)
    {
        var to = MemoryMarshal.Cast<float, Vector<float>>(row);
        var from = MemoryMarshal.Cast<float, Vector<float>>(partner);
        for (var i = 0; i < to.Length; i++) to[i] = to[i] * own + from[i] * other;
        for (var i = to.Length * Vector<float>.Count; i < row.Length; i++) row[i] = row[i] * own + partner[i] * other;
    }

    // X / (X + Y) of two gamma variates, in logarithms, so that small α do not underflow.
    private static double Beta(ref RandomDraws draws, double alpha)
    {
        double x = LogGamma(ref draws, alpha), y = LogGamma(ref draws, alpha);
        return 1 / (1 + Math.Exp(y - x));
    }

    // Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; for α < 1 Gamma(α) = Gamma(α + 1) · U^(1/α).
    private static double LogGamma(ref RandomDraws draws, double alpha)
    {
        var boost = alpha < 1 ? Math.Log(1 - draws.Uniform()) / alpha : 0;
        var d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = draws.Normal();
            var v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - draws.Uniform()) < 0.5 * x * x + d - d * v + d * Math.Log(v)) return Math.Log(d * v) + boost;
        }
    }
}
