using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Attune.Data;

/// <summary>Refuses files that are not UTF-8 text, with the line and a command that converts them.</summary>
internal static class TextCheck
{
    private const int BlockBytes = 1 << 18;

    /// <summary>Length of the byte order mark (0 or 3).</summary>
    /// <exception cref="DataFormatException">The file is UTF-16 or UTF-32.</exception>
    public static int ByteOrderMark(ReadOnlySpan<byte> start, string file)
    {
        if (start.StartsWith<byte>([0xEF, 0xBB, 0xBF])) return 3;
        var name = start switch
        {
            [0xFF, 0xFE, 0, 0, ..] => "UTF-32LE",
            [0, 0, 0xFE, 0xFF, ..] => "UTF-32BE",
            [0xFF, 0xFE, ..] => "UTF-16LE",
            [0xFE, 0xFF, ..] => "UTF-16BE",
            _ => null,
        };
        return name is null
            ? 0
            : throw new DataFormatException(file, 1, null, $"The file begins with the byte order mark of {name[..6]}; Attune reads UTF-8. {Convert(name, file)}");
    }

    /// <summary>Checks UTF-8 and NUL bytes block by block; call it with consecutive offsets, it returns where the next block starts.</summary>
    public static long Block(MappedFile map, long offset, string file)
    {
        var block = map.Span(offset, BlockBytes);
        if (offset + block.Length < map.Length) block = block[..WholeCharacters(block)];
        if (block.IndexOf((byte)0) is var zero and >= 0)
        {
            throw new DataFormatException(file, LineAt(map, offset + zero), null,
                "The line holds a NUL byte (0x00), which no text file has. The file may be UTF-16 without a byte order mark, or damaged. " + Convert("UTF-16LE", file));
        }
        if (!Utf8.IsValid(block))
        {
            var bad = FirstInvalid(block);
            throw new DataFormatException(file, LineAt(map, offset + bad), null,
                $"Byte 0x{block[bad]:X2} is not valid UTF-8. The file may be in Windows-1252 or ISO 8859-1 (older Windows programs, Excel's plain CSV). " + Convert("WINDOWS-1252", file));
        }
        return offset + block.Length;
    }

    /// <summary>Physical line (1-based) of a byte.</summary>
    public static unsafe long LineAt(MappedFile map, long offset)
    {
        long line = 1;
        for (long i = 0; i < offset; i++)
        {
            var c = map.Start[i];
            if (c == '\n' || (c == '\r' && (i + 1 >= map.Length || map.Start[i + 1] != '\n'))) line++;
        }
        return line;
    }

    private static string Convert(string encoding, string file) => $"Convert it with: iconv -f {encoding} -t UTF-8 '{file}' > utf8.csv";

    private static int WholeCharacters(ReadOnlySpan<byte> block)
    {
        var end = block.Length;
        for (var back = 1; back <= 4 && back <= block.Length; back++)
        {
            var b = block[^back];
            if (b < 0x80) break;
            if (b < 0xC0) continue;
            end = block.Length - back;   // a lead byte: its character may go on in the next block
            break;
        }
        return end > 0 ? end : block.Length;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < block.Length;)
        {
            if (Rune.DecodeFromUtf8(block[i..], out _, out var used) != OperationStatus.Done) return i;
            i += used;
        }
        return 0;
    }
}
