namespace Attune.Data.Images;

/// <summary>Pictures one behind the other in a temporary file, which is deleted at the end.</summary>
internal sealed class PackedImageSource : ImageSource
{
    private readonly FileStream _file;
    private readonly long[] _offsets;
    private readonly string[] _names;

    /// <summary>Takes over a file; picture i lies between offsets i and i + 1.</summary>
    public PackedImageSource(FileStream file, long[] offsets, string[] names) => (_file, _offsets, _names) = (file, offsets, names);

    public override int Rows => _names.Length;

    public override string Name(int row) => _names[row];

    public override int Read(int row, ref byte[] buffer)
    {
        var length = checked((int)(_offsets[row + 1] - _offsets[row]));
        Grow(ref buffer, length);
        var read = 0;
        while (read < length && RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(read, length - read), _offsets[row] + read) is > 0 and var got) read += got;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
