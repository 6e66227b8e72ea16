using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching.Images;

/// <summary>A rectangle of pixels.</summary>
internal readonly record struct PixelBox(int Left, int Top, int Width, int Height)
{
    /// <summary>A whole picture.</summary>
    public static PixelBox Of(PixelImage image) => new(0, 0, image.Width, image.Height);
}

/// <summary>
/// Resizes 8-bit pictures as Pillow does, bit for bit: a horizontal pass, rounded to 8 bits, then a vertical one, each a weighted sum in 32-bit integers
/// (<see cref="ResampleWeights"/>). Only the wanted part of the result is computed. Keeps its memory; one instance per thread.
/// </summary>
internal sealed unsafe class Resampler
{
    private readonly ResampleWeights _columns = new(), _rows = new();
    private readonly PixelImage _narrow = new();
    private int[] _nearest = [];

    /// <summary>Widest vectors to use, in bits; tests compare 512, 256 and 128.</summary>
    public int VectorBits { get; init; } = 512;

    /// <summary>
    /// Resizes <paramref name="part"/> of a picture to <paramref name="width"/> × <paramref name="height"/> and writes the part <paramref name="wanted"/>
    /// of the result. Pixels outside <paramref name="part"/> have no influence.
    /// </summary>
    public void Resize(PixelImage source, PixelBox part, int width, int height, ImageInterpolation filter, PixelBox wanted, PixelImage destination)
    {
        destination.SetSize(wanted.Width, wanted.Height);
        if (width == part.Width && height == part.Height) Crop(source, part with { Left = part.Left + wanted.Left, Top = part.Top + wanted.Top }, destination);
        else if (filter == ImageInterpolation.Nearest) Nearest(source, part, width, height, wanted, destination);
        else Filter(source, part, width, height, filter, wanted, destination);
    }

    private static void Crop(PixelImage source, PixelBox part, PixelImage destination)
    {
        for (var y = 0; y < destination.Height; y++)
            source.Words.Slice((part.Top + y) * source.Width + part.Left, destination.Width).CopyTo(destination.Words[(y * destination.Width)..]);
    }

    // Pillow steps by adding, so the positions are sums, not products.
    private void Nearest(PixelImage source, PixelBox part, int width, int height, PixelBox wanted, PixelImage destination)
    {
        if (_nearest.Length < wanted.Width) _nearest = new int[wanted.Width];
        double stepX = (double)part.Width / width, x = stepX * 0.5;
        for (var i = 0; i < wanted.Left + wanted.Width; i++, x += stepX) if (i >= wanted.Left) _nearest[i - wanted.Left] = Math.Min((int)x, part.Width - 1) + part.Left;
        double stepY = (double)part.Height / height, y = stepY * 0.5;
        for (var i = 0; i < wanted.Top + wanted.Height; i++, y += stepY)
        {
            if (i < wanted.Top) continue;
            var row = source.Words.Slice((Math.Min((int)y, part.Height - 1) + part.Top) * source.Width, source.Width);
            var to = destination.Words.Slice((i - wanted.Top) * wanted.Width, wanted.Width);
            for (var j = 0; j < to.Length; j++) to[j] = row[_nearest[j]];
        }
    }

    private void Filter(PixelImage source, PixelBox part, int width, int height, ImageInterpolation filter, PixelBox wanted, PixelImage destination)
    {
        var vertical = height != part.Height;
        int firstRow = wanted.Top, lastRow = wanted.Top + wanted.Height;
        if (vertical)
        {
            _rows.Prepare(part.Height, height, wanted.Top, wanted.Height, filter);
            (firstRow, lastRow) = (int.MaxValue, 0);
            for (var i = 0; i < wanted.Height; i++)
            {
                firstRow = Math.Min(firstRow, _rows.First[i]);
                lastRow = Math.Max(lastRow, _rows.First[i] + _rows.Counts[i]);
            }
        }
        var rows = new PixelBox(part.Left, part.Top + firstRow, part.Width, lastRow - firstRow);
        if (width == part.Width)
        {
            Vertical(source, rows.Left + wanted.Left, rows.Top - firstRow, destination);
            return;
        }
        _columns.Prepare(part.Width, width, wanted.Left, wanted.Width, filter);
        if (!vertical)
        {
            Horizontal(source, rows, destination);
            return;
        }
        _narrow.SetSize(wanted.Width, rows.Height);
        Horizontal(source, rows, _narrow);
        Vertical(_narrow, 0, -firstRow, destination);
    }

    // Every output pixel is a sum over Taps neighbours in its row; weights are loaded once for four rows.
    private void Horizontal(PixelImage source, PixelBox rows, PixelImage destination)
    {
        fixed (byte* input = source.Pixels, output = destination.Pixels)
        fixed (int* lanes = _columns.Lanes)
        {
            long stride = source.Width * 4L, outStride = destination.Width * 4L;
            // Taps behind the last real one weigh 0, but their bytes are read: where that would leave the picture's memory, only the real ones are used.
            var end = input + source.Bytes + PixelImage.Padding - 16;
            var y = 0;
            for (; y + 4 <= rows.Height; y += 4)
            {
                var start = input + (rows.Top + y) * stride + rows.Left * 4L;
                FourRows(start, stride, end, lanes, output + y * outStride, outStride, destination.Width);
            }
            for (; y < rows.Height; y++)
                OneRow(input + (rows.Top + y) * stride + rows.Left * 4L, end, lanes, output + y * outStride, destination.Width);
        }
    }

    private void FourRows(byte* start, long stride, byte* end, int* lanes, byte* output, long outStride, int width)
    {
        var taps = _columns.Taps;
        fixed (int* first = _columns.First, counts = _columns.Counts)
        {
            if (VectorBits < 512 || !Avx512F.IsSupported || start + 3 * stride + (first[width - 1] + taps) * 4L > end)
            {
                for (var r = 0; r < 4; r++) OneRow(start + r * stride, end, lanes, output + r * outStride, width);
                return;
            }
            for (var x = 0; x < width; x++, lanes += taps * 4)
            {
                var at = start + first[x] * 4L;
                Vector512<int> a = default, b = default, c = default, d = default;
                for (var t = 0; t < counts[x]; t += 4, at += 16)
                {
                    var weights = Vector512.Load(lanes + t * 4);
                    a += Avx512F.ConvertToVector512Int32(Vector128.Load(at)) * weights;
                    b += Avx512F.ConvertToVector512Int32(Vector128.Load(at + stride)) * weights;
                    c += Avx512F.ConvertToVector512Int32(Vector128.Load(at + 2 * stride)) * weights;
                    d += Avx512F.ConvertToVector512Int32(Vector128.Load(at + 3 * stride)) * weights;
                }
                var to = output + x * 4L;
                *(uint*)to = Round(Sum(a));
                *(uint*)(to + outStride) = Round(Sum(b));
                *(uint*)(to + 2 * outStride) = Round(Sum(c));
                *(uint*)(to + 3 * outStride) = Round(Sum(d));
            }
        }
    }

    private void OneRow(byte* start, byte* end, int* lanes, byte* output, int width)
    {
        var taps = _columns.Taps;
        fixed (int* first = _columns.First, counts = _columns.Counts)
        {
            for (var x = 0; x < width; x++, lanes += taps * 4)
            {
                var at = start + first[x] * 4L;
                var t = 0;
                var sum = Vector128<int>.Zero;
                if (VectorBits >= 256 && Avx2.IsSupported && at + taps * 4L <= end)
                {
                    var two = Vector256<int>.Zero;
                    for (; t < counts[x]; t += 2) two += Avx2.ConvertToVector256Int32(at + t * 4) * Vector256.Load(lanes + t * 4);
                    sum = two.GetLower() + two.GetUpper();
                }
                for (; t < counts[x]; t++) sum += Widen(at + t * 4) * Vector128.Load(lanes + t * 4);
                *(uint*)(output + x * 4L) = Round(sum);
            }
        }
    }

    // Row `top` of the picture has number 0 in the weights. The sum runs over rows, so whole rows of bytes are lanes.
    private void Vertical(PixelImage source, int left, int top, PixelImage destination)
    {
        fixed (byte* input = source.Pixels, output = destination.Pixels)
        fixed (int* values = _rows.Values)
        {
            long stride = source.Width * 4L, outStride = destination.Width * 4L;
            for (var y = 0; y < destination.Height; y++)
            {
                var start = input + (top + _rows.First[y]) * stride + left * 4L;
                VerticalRow(start, stride, values + y * _rows.Taps, _rows.Counts[y], output + y * outStride, destination.Width * 4);
            }
        }
    }

    private void VerticalRow(byte* start, long stride, int* weights, int taps, byte* output, int bytes)
    {
        var i = 0;
        if (VectorBits >= 512 && Avx512F.IsSupported)
        {
            var half = Vector512.Create(1 << (ResampleWeights.Precision - 1));
            for (; i + 32 <= bytes; i += 32)
            {
                Vector512<int> a = half, b = half;
                var at = start + i;
                for (var t = 0; t < taps; t++, at += stride)
                {
                    var weight = Vector512.Create(weights[t]);
                    a += Avx512F.ConvertToVector512Int32(Vector128.Load(at)) * weight;
                    b += Avx512F.ConvertToVector512Int32(Vector128.Load(at + 16)) * weight;
                }
                Narrow(a).Store(output + i);
                Narrow(b).Store(output + i + 16);
            }
        }
        if (VectorBits >= 256 && Avx2.IsSupported)
        {
            var half = Vector256.Create(1 << (ResampleWeights.Precision - 1));
            for (; i + 8 <= bytes; i += 8)
            {
                var sum = half;
                var at = start + i;
                for (var t = 0; t < taps; t++, at += stride) sum += Avx2.ConvertToVector256Int32(at) * Vector256.Create(weights[t]);
                sum >>= ResampleWeights.Precision;
                *(uint*)(output + i) = Pack(sum.GetLower());
                *(uint*)(output + i + 4) = Pack(sum.GetUpper());
            }
        }
        for (; i < bytes; i += 4)
        {
            var sum = Vector128<int>.Zero;
            var at = start + i;
            for (var t = 0; t < taps; t++, at += stride) sum += Widen(at) * Vector128.Create(weights[t]);
            *(uint*)(output + i) = Round(sum);
        }
    }

    private static Vector128<byte> Narrow(Vector512<int> sums)
        => Avx512F.ConvertToVector128ByteWithSaturation(Vector512.Max(sums >> ResampleWeights.Precision, Vector512<int>.Zero).AsUInt32());

    private static Vector128<int> Sum(Vector512<int> lanes)
    {
        var half = lanes.GetLower() + lanes.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    // Four bytes as four integers.
    private static Vector128<int> Widen(byte* at) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)at).AsByte())).AsInt32();

    private static uint Round(Vector128<int> sum) => Pack((sum + Vector128.Create(1 << (ResampleWeights.Precision - 1))) >> ResampleWeights.Precision);

    private static uint Pack(Vector128<int> values)
    {
        var clipped = Vector128.Min(Vector128.Max(values, Vector128<int>.Zero), Vector128.Create(255));
        var words = Vector128.Narrow(clipped.AsUInt32(), clipped.AsUInt32());
        return Vector128.Narrow(words, words).AsUInt32().ToScalar();
    }
}
