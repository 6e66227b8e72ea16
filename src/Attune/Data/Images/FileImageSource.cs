namespace Attune.Data.Images;

/// <summary>Pictures in files of their own, read when they are asked for.</summary>
internal sealed class FileImageSource(string[] files, string[] names) : ImageSource
{
    public override int Rows => files.Length;

    public override string Name(int row) => names[row];

    public override int Read(int row, ref byte[] buffer)
    {
        try
        {
            using var handle = File.OpenHandle(files[row]);
            var size = RandomAccess.GetLength(handle);
            if (size > Array.MaxLength) throw new DataFormatException(names[row], null, null, "The file has more than 2 GB, which no picture of a known format has. Remove it.");
            Grow(ref buffer, (int)size);
            var length = 0;
            while (length < size && RandomAccess.Read(handle, buffer.AsSpan(length, (int)size - length), length) is > 0 and var got) length += got;
            return length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DataFormatException(names[row], null, null, $"The picture cannot be read: {e.Message} Restore the file, or remove it from the data.", e);
        }
    }
}
