namespace Attune.Data.Images;

/// <summary>A picture of 8-bit pixels, [H, W, 4] row-major: red, green, blue and a fourth byte (alpha, or 255). The memory is used again for the next picture.</summary>
internal sealed class PixelImage
{
    /// <summary>Bytes that may be read, not written, behind the last pixel.</summary>
    public const int Padding = 64;

    private const int KeptBytes = 32 << 20;

    /// <summary>The pixels, at least <see cref="Bytes"/> + <see cref="Padding"/> long; contents undefined after <see cref="SetSize"/>.</summary>
    public byte[] Pixels { get; private set; } = [];

    /// <summary>Width W.</summary>
    public int Width { get; private set; }

    /// <summary>Height H.</summary>
    public int Height { get; private set; }

    /// <summary>Bytes of all pixels, H × W × 4.</summary>
    public int Bytes => Width * Height * 4;

    /// <summary>Makes room for a picture. Memory is kept between pictures, but a very large block is given up when it is no longer needed.</summary>
    public void SetSize(int width, int height)
    {
        (Width, Height) = (width, height);
        var needed = checked(width * height * 4 + Padding);
        if (Pixels.Length < needed || (Pixels.Length > KeptBytes && needed < Pixels.Length / 4)) Pixels = GC.AllocateUninitializedArray<byte>(needed);
    }

    /// <summary>The pixels, [H, W, 4].</summary>
    public Span<byte> Span => Pixels.AsSpan(0, Bytes);

    /// <summary>The pixels as 32-bit words, [H, W], red in the lowest byte.</summary>
    public Span<uint> Words => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(Span);

    /// <summary>Copies another picture.</summary>
    public void CopyFrom(PixelImage other)
    {
        SetSize(other.Width, other.Height);
        other.Span.CopyTo(Span);
    }
}
