using System.Buffers.Binary;

namespace Attune.Engines.Torch;

/// <summary>
/// Lets a 64-bit little-endian ELF library load where one symbol version that it asks for does not exist: the version requirement becomes weak,
/// and the one symbol bound to it is pointed at another function that the library already imports.
/// </summary>
internal static class ElfPatch
{
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const uint DynamicSymbols = 11;
    private const uint StringTable = 3;
    private const uint VersionNeeds = 0x6ffffffe;
    private const uint VersionIndices = 0x6fffffff;
    private const ushort WeakFlag = 2;

    /// <summary>Returns a patched copy of <paramref name="elf"/>.</summary>
    /// <param name="elf">The whole file.</param>
    /// <param name="file">Its name, for error messages.</param>
    /// <param name="version">The version that the system lacks, as <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="symbol">The undefined symbol bound to it.</param>
    /// <param name="replacement">An undefined symbol of the same library, a function without arguments or effects.</param>
    /// <exception cref="DataFormatException">The file is no such library, is cut short, points outside itself, or binds further symbols to the version.</exception>
    public static byte[] Redirect(ReadOnlySpan<byte> elf, string file, string version, string symbol, string replacement)
    {
        var copy = elf.ToArray();
        var image = new Image(copy, file);
        if (copy.Length < 64 || !elf[..4].SequenceEqual("\u007fELF"u8)) throw image.Bad("This is no ELF file.");
        if (copy[4] != 2 || copy[5] != 1) throw image.Bad("Only 64-bit little-endian ELF files are patched.");

        var sections = image.Sections();
        var symbols = Only(sections, DynamicSymbols, image, ".dynsym");
        var indices = Only(sections, VersionIndices, image, ".gnu.version");
        var needs = Only(sections, VersionNeeds, image, ".gnu.version_r");
        var names = symbols.Link < sections.Count && sections[(int)symbols.Link].Type == StringTable
            ? sections[(int)symbols.Link]
            : throw image.Bad("The symbol table names no string table.");
        if (needs.Link != symbols.Link) throw image.Bad("The version table uses another string table than the symbols.");

        var count = symbols.Length / SymbolSize;
        if (indices.Length / 2 != count) throw image.Bad($"{count} symbols have {indices.Length / 2} versions.");

        var versionIndex = image.MakeWeak(needs, names, version);
        var (from, to) = (-1L, -1L);
        for (var i = 0L; i < count; i++)
        {
            var at = symbols.Offset + i * SymbolSize;
            if (image.U16(at + 6) != 0) continue;   // defined in the library itself
            var bound = (image.U16(indices.Offset + i * 2) & 0x7fff) == versionIndex;
            var nameAt = image.U32(at);
            if (bound && !image.NameIs(names, nameAt, symbol)) throw image.Bad($"A symbol besides '{symbol}' needs {version}.");
            if (bound) from = i;
            else if (image.NameIs(names, nameAt, replacement)) to = i;
        }

        if (from < 0) throw image.Bad($"No symbol '{symbol}' is bound to {version}.");
        if (to < 0) throw image.Bad($"The library does not import '{replacement}'.");
        image.Copy(symbols.Offset + to * SymbolSize, symbols.Offset + from * SymbolSize, 4);   // the name's offset
        image.Copy(indices.Offset + to * 2, indices.Offset + from * 2, 2);
        return copy;
    }

    private static Section Only(List<Section> sections, uint type, Image image, string name) =>
        sections.Where(s => s.Type == type).ToList() is [var one] ? one : throw image.Bad($"It does not have exactly one section {name}.");

    private readonly record struct Section(uint Type, long Offset, long Length, uint Link);

    /// <summary>Bounds-checked access: every offset comes from the file and may be anything.</summary>
    private readonly struct Image(byte[] bytes, string file)
    {
        public DataFormatException Bad(string problem) => new(file, null, null, problem + " The file was not changed.");

        public ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2));

        public uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4));

        public void Copy(long from, long to, int length) => Slice(from, length).CopyTo(Slice(to, length));

        public List<Section> Sections()
        {
            var table = Offset(40);
            if (U16(58) != SectionHeaderSize) throw Bad($"Section headers have {U16(58)} bytes instead of {SectionHeaderSize}.");
            int count = U16(60);
            var sections = new List<Section>(count);
            for (var i = 0; i < count; i++)
            {
                var at = checked(table + i * SectionHeaderSize);
                var section = new Section(U32(at + 4), Offset(at + 24), Offset(at + 32), U32(at + 40));
                if (section.Type is DynamicSymbols or StringTable or VersionNeeds or VersionIndices &&
                    (section.Offset > bytes.Length || section.Length > bytes.Length - section.Offset))
                {
                    throw Bad($"Section {i} reaches past the end of the file.");
                }

                sections.Add(section);
            }

            return sections;
        }

        /// <summary>Sets the weak flag on every entry of the version and returns its index; there must be exactly one.</summary>
        public int MakeWeak(Section needs, Section names, string version)
        {
            var index = -1;
            var libraryAt = 0L;
            for (var guard = 0; ; guard++)
            {
                if (guard > ushort.MaxValue) throw Bad("The version table does not end.");
                Inside(needs, libraryAt, 16);
                var entries = U16(needs.Offset + libraryAt + 2);
                var entryAt = libraryAt + U32(needs.Offset + libraryAt + 8);
                for (var i = 0; i < entries; i++)
                {
                    Inside(needs, entryAt, 16);
                    var at = needs.Offset + entryAt;
                    if (NameIs(names, U32(at + 8), version))
                    {
                        if (index >= 0) throw Bad($"{version} is asked for twice.");
                        index = U16(at + 6) & 0x7fff;
                        BinaryPrimitives.WriteUInt16LittleEndian(Slice(at + 4, 2), (ushort)(U16(at + 4) | WeakFlag));
                    }

                    entryAt += U32(at + 12);
                }

                var next = U32(needs.Offset + libraryAt + 12);
                if (next == 0) break;
                libraryAt += next;
            }

            return index >= 0 ? index : throw Bad($"It does not ask for {version}.");
        }

        public bool NameIs(Section names, uint at, string name)
        {
            Span<byte> wanted = stackalloc byte[256];
            var length = System.Text.Encoding.ASCII.GetBytes(name, wanted);
            wanted[length] = 0;
            if (at >= names.Length) throw Bad("A name lies outside the string table.");
            return names.Length - at > length && Slice(names.Offset + at, length + 1).SequenceEqual(wanted[..(length + 1)]);
        }

        private void Inside(Section section, long at, int length)
        {
            if (at < 0 || at > section.Length - length) throw Bad("The version table points outside itself.");
        }

        private long Offset(long at)
        {
            var value = BinaryPrimitives.ReadUInt64LittleEndian(Slice(at, 8));
            return value <= int.MaxValue ? (long)value : throw Bad($"Offset {value} lies outside the file.");
        }

        private Span<byte> Slice(long at, int length) =>
            at >= 0 && at <= bytes.Length - length ? bytes.AsSpan((int)at, length) : throw Bad("It is cut short.");
    }
}
