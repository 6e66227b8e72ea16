using Attune.Data;
using Attune.Data.Images;
using Attune.Splitting;
using Attune.Tests.Batching;
using DuckDB.NET.Data;

namespace Attune.Tests.Data.Images;

public sealed class ImageListingTests
{
    [Fact]
    public void Class_folders_become_rows_with_path_content_and_label()
    {
        using var folder = TestFiles.Folder();
        Put(folder, "dog/b.png", "rgb.png");
        Put(folder, "cat/sub/z.jpg", "q90_444.jpg");
        Put(folder, "cat/a.jpg", "rgb.png");          // a copy of dog/b.png, called otherwise
        Put(folder, "cat/without-ending", "grey.png");
        Put(folder, "cat/.DS_Store", "grey.png");
        Put(folder, ".git/x.png", "grey.png");
        Text(folder, "cat/notes.txt", "no picture");
        Text(folder, "readme.md", "no picture");
        using var listing = ImageListing.Read(folder.Path);
        var (table, source) = listing.Data;
        Assert.Equal(["path", "content", "label"], table.Columns.Select(c => c.Name));
        Assert.Equal(["cat/a.jpg", "cat/sub/z.jpg", "cat/without-ending", "dog/b.png"], Words(table, "path"));
        Assert.Equal(["cat", "cat", "cat", "dog"], Words(table, "label"));
        var hashes = Words(table, "content");
        Assert.Equal(hashes[0], hashes[3]);
        Assert.Equal(3, hashes.Distinct().Count());
        Assert.All(hashes, h => Assert.Matches("^x[0-9a-f]{16}$", h));
        Assert.Null(listing.Validation);
        Assert.Equal(ImagesGolden.Bytes("q90_444.jpg"), Read(source, 1));
        Assert.Contains(listing.Notices, n => n.StartsWith("1 hidden file", StringComparison.Ordinal));
        Assert.Contains(listing.Notices, n => n.StartsWith("2 files are no picture", StringComparison.Ordinal) && n.Contains(".txt × 1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_splitter_keeps_copies_of_a_picture_on_one_side()
    {
        using var folder = TestFiles.Folder();
        for (var i = 0; i < 40; i++)
        {
            var bytes = ImagesGolden.Bytes("rgb.bmp");
            bytes[^1] = (byte)(i / 2);   // each picture twice
            Put(folder, $"{(i / 2 % 2 == 0 ? "a" : "b")}/{i}.bmp", bytes);
        }
        using var listing = ImageListing.Read(folder.Path);
        var splits = Splitter.Split(listing.Data.Table, new SplitRequest { FeatureColumns = [ImageSet.ContentColumn] }, ImageSet.LabelColumn, isClassification: true);
        var train = Words(splits.Train.Rows, "content").ToHashSet();
        Assert.Empty(Words(splits.Test, "content").Intersect(train));
        Assert.Empty(Words(splits.Validation, "content").Intersect(train));
        Assert.Equal(40, splits.Train.Rows.Rows + splits.Validation.Rows + splits.Test.Rows);
    }

    [Theory]
    [InlineData("train", "val", "test")]
    [InlineData("Training", "validation", "test")]
    [InlineData("train", "valid", null)]
    [InlineData("train", null, "test")]
    public void Folders_of_a_given_split_stay_apart(string train, string? validation, string? test)
    {
        using var folder = TestFiles.Folder();
        foreach (var part in new[] { train, validation, test }.OfType<string>()) foreach (var name in (string[])["a", "b"]) Put(folder, $"{part}/{name}/1.png", "rgb.png");
        using var listing = ImageListing.Read(folder.Path);
        Assert.Equal([$"{train}/a/1.png", $"{train}/b/1.png"], Words(listing.Data.Table, "path"));
        Assert.Equal(validation is null, listing.Validation is null);
        Assert.Equal(test is null, listing.Test is null);
        if (test is not null) Assert.Equal(["a", "b"], Words(listing.Test!.Table, "label"));
    }

    [Fact]
    public void A_class_may_be_called_test_when_there_is_no_train()
    {
        using var folder = TestFiles.Folder();
        Put(folder, "test/1.png", "rgb.png");
        Put(folder, "control/1.png", "rgb.png");
        using var listing = ImageListing.Read(folder.Path);
        Assert.Equal(["control", "test"], Words(listing.Data.Table, "label"));
    }

    [Fact]
    public void Mistakes_in_folders_are_told()
    {
        using var folder = TestFiles.Folder();
        Refused(folder.Path, "no class folders");
        Put(folder, "a/1.png", "rgb.png");
        Refused(folder.Path, "single class folder, 'a'");
        Directory.CreateDirectory(Path.Combine(folder.Path, "b"));
        Refused(folder.Path, "'b' holds no picture");
        Put(folder, "b/1.png", "rgb.png");
        Put(folder, "loose.png", "rgb.png");
        Refused(folder.Path, "beside the class folders");
        Refused(Path.Combine(folder.Path, "a"), "directly in the folder");
        Refused(Path.Combine(folder.Path, "aa"), "There is no such file");

        using var split = TestFiles.Folder();
        foreach (var name in (string[])["train/a", "train/b", "test/a", "test/bb"]) Put(split, name + "/1.png", "rgb.png");
        Refused(split.Path, "'bb' has no folder among the training pictures");
        using var extra = TestFiles.Folder();
        foreach (var name in (string[])["train/a", "train/b", "val/a", "cats"]) Put(extra, name + "/1.png", "rgb.png");
        Refused(extra.Path, "Beside 'train' there is the folder");
        using var twice = TestFiles.Folder();
        foreach (var name in (string[])["train/a", "train/b", "val/a", "valid/a"]) Put(twice, name + "/1.png", "rgb.png");
        Refused(twice.Path, "mean the same part");
    }

    [Fact]
    public void Pictures_without_classes_are_listed_for_prediction()
    {
        using var folder = TestFiles.Folder();
        Put(folder, "1.png", "rgb.png");
        Put(folder, "deep/er/2.jpg", "grey.jpg");
        using var listing = ImageListing.Read(folder.Path, new ImageListingOptions { Labelled = false });
        Assert.Equal(["1.png", "deep/er/2.jpg"], Words(listing.Data.Table, "path"));
        Assert.Equal(["path", "content"], listing.Data.Table.Columns.Select(c => c.Name));
    }

    [Theory]
    [InlineData("list.csv", "file,size,kind\nimg/1.png,1.5,a\nimg/2.jpg,2,b\n")]
    [InlineData("list.tsv", "size\tPath\tkind\n1.5\timg/1.png\ta\n2\timg/2.jpg\tb\n")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"size\":1.5,\"kind\":\"a\"}\n{\"image\":\"img/2.jpg\",\"size\":2,\"kind\":\"b\"}\n")]
    public void A_list_keeps_its_other_columns(string name, string text)
    {
        using var folder = TestFiles.Folder();
        Put(folder, "img/1.png", "rgb.png");
        Put(folder, "img/2.jpg", "grey.jpg");
        using var listing = ImageListing.Read(folder.Write(name, text));
        var table = listing.Data.Table;
        Assert.Equal(["path", "content", "size", "kind"], table.Columns.Select(c => c.Name));
        Assert.Equal(["img/1.png", "img/2.jpg"], Words(table, "path"));
        Assert.Equal([1.5, 2], ((NumericColumn)table["size"]).Values);
        Assert.Equal(table.Columns.Select(c => c.Name), table.Schema.Select(c => c.Name));
        var buffer = Array.Empty<byte>();
        Assert.Equal(ImagesGolden.Bytes("grey.jpg").Length, listing.Data.Source.Read(1, ref buffer));
    }

    [Fact]
    public void Names_made_of_digits_stay_names()
    {
        using var folder = TestFiles.Folder();
        Put(folder, "007", "rgb.png");
        Put(folder, "008", "grey.png");
        using var listing = ImageListing.Read(folder.Write("l.csv", "path,y\n007,1\n008,2\n"));
        Assert.Equal(["007", "008"], Words(listing.Data.Table, "path"));
    }

    [Fact]
    public void Mistakes_in_lists_name_the_line()
    {
        using var folder = TestFiles.Folder();
        Put(folder, "1.png", "rgb.png");
        var error = Refused(folder.Write("a.csv", "path,label\n1.png,a\n2.png,b\n3.png,b\n"), "There is no file '2.png'");
        Assert.Equal(3, error.Line);
        Assert.Contains("2 of 3", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, Refused(folder.Write("b.csv", "path,label\n1.png,a\n,b\n"), "names no picture").Line);
        Refused(folder.Write("c.csv", "where,label\n1.png,a\n"), "No column is called path");
        Refused(folder.Write("d.csv", "path,content\n1.png,a\n"), "'content'");
        Refused(folder.Write("e.csv", ""), "empty");
        using var named = ImageListing.Read(folder.Write("f.csv", "where,label\n1.png,a\n"), new ImageListingOptions { PathColumn = "where" });
        Assert.Equal(1, named.Data.Table.Rows);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Parquet_may_hold_the_bytes(bool isStruct, bool hasLabel)
    {
        using var folder = TestFiles.Folder();
        var file = Parquet(folder, isStruct, hasLabel);
        var seen = new List<(int, int)>();
        string temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        using (var listing = ImageListing.Read(file, new ImageListingOptions { Progress = (done, of) => { lock (seen) seen.Add((done, of)); }, TemporaryFolder = temporary }))
        {
            var (table, source) = listing.Data;
            Assert.Equal(3, source.Rows);
            Assert.Equal(ImagesGolden.Bytes("grey.jpg"), Read(source, 1));
            Assert.Empty(Read(source, 2));   // NULL
            Assert.Equal(isStruct ? ["p0.png", "p1.png", "p2.png"] : ["pictures.parquet, row 1", "pictures.parquet, row 2", "pictures.parquet, row 3"], Words(table, "path"));
            if (hasLabel) Assert.Equal([0, 1, 2], ((NumericColumn)table["label"]).Values);
            Assert.Contains((3, 3), seen);
            var report = ImageCheck.Run(source);
            Assert.Equal(2, Assert.Single(report.Items).Row);
            Assert.NotEmpty(Directory.GetFiles(temporary));
        }
        Assert.Empty(Directory.GetFiles(temporary));
    }

    [Fact]
    public void Unreadable_pictures_are_counted_named_and_refused_above_the_share()
    {
        using var folder = TestFiles.Folder();
        for (var i = 0; i < 18; i++) Put(folder, $"{(i % 2 == 0 ? "a" : "b")}/{i:00}.png", "rgb.png");
        Put(folder, "a/cut.png", ImagesGolden.Bytes("rgb.png")[..900]);
        Put(folder, "b/text.jpg", "this is no picture"u8.ToArray());
        using var listing = ImageListing.Read(folder.Path);
        foreach (var depth in Enum.GetValues<ImageCheckDepth>())
        {
            var report = ImageCheck.Run(listing.Data.Source, depth);
            Assert.Equal((20, 2, 0.1), (report.Total, report.Items.Count, report.Share));
            Assert.Contains("cut off", report.Items[0].Reason, StringComparison.Ordinal);
            Assert.Contains("a/cut.png", report.Notice(), StringComparison.Ordinal);
            Assert.Equal(18, report.ReadableRows().Length);
            report.ThrowIfAbove(0.1, "photos");
            var error = Assert.Throws<DataFormatException>(() => report.ThrowIfAbove(0.05, "photos"));
            Assert.Contains("2 of 20 pictures (10 %)", error.Message, StringComparison.Ordinal);
            Assert.Contains("b/text.jpg", error.Message, StringComparison.Ordinal);
        }
        // Damage in the middle is found by decoding alone.
        var bytes = ImagesGolden.Bytes("rgb.png");
        bytes.AsSpan(bytes.Length / 2, 400).Clear();
        Put(folder, "a/middle.png", bytes);
        using var again = ImageListing.Read(folder.Path);
        Assert.Equal(2, ImageCheck.Run(again.Data.Source, ImageCheckDepth.Headers).Items.Count);
        Assert.Equal((3, ImageCheckDepth.Full), (ImageCheck.Run(again.Data.Source).Items.Count, ImageCheck.Run(again.Data.Source).Depth));
    }

    [Theory]
    [InlineData("truncated.png", false)]
    [InlineData("bomb_60000x60000.png", false)]
    [InlineData("jpeg_named.png", true)]
    public void The_bad_pictures_get_what_is_expected(string file, bool readable)
    {
        var source = new FileImageSource([TestFiles.At("test", "data", "bad", file)], [file]);
        foreach (var depth in Enum.GetValues<ImageCheckDepth>()) Assert.Equal(readable ? 0 : 1, ImageCheck.Run(source, depth).Items.Count);
        if (!readable) return;
        var (buffer, image) = (Array.Empty<byte>(), new PixelImage());
        var length = source.Read(0, ref buffer);
        new ImageDecoder().Decode(buffer.AsSpan(0, length), file, image, 1_000_000, (0, 0, 0));
        Assert.Equal((64, 48), (image.Width, image.Height));
    }

    private static string Parquet(TemporaryFolder folder, bool isStruct, bool hasLabel)
    {
        var file = Path.Combine(folder.Path, "pictures.parquet");
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        string Blob(string name) => $"from_hex('{Convert.ToHexString(ImagesGolden.Bytes(name))}')";
        string Picture(int i, string blob) => isStruct ? $"{{'bytes': {blob}, 'path': 'p{i}.png'}}" : blob;
        var rows = new[] { Blob("rgb.png"), Blob("grey.jpg"), "CAST(NULL AS BLOB)" }.Select((b, i) => $"SELECT {Picture(i, b)} AS image{(hasLabel ? $", {i} AS label" : "")}");
        command.CommandText = $"COPY ({string.Join(" UNION ALL ", rows)}) TO '{file}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return file;
    }

    private static DataFormatException Refused(string path, string words)
    {
        var error = Assert.Throws<DataFormatException>(() => ImageListing.Read(path));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        return error;
    }

    private static byte[] Read(ImageSource source, int row)
    {
        var buffer = Array.Empty<byte>();
        var length = source.Read(row, ref buffer);
        return buffer[..length];
    }

    private static string[] Words(Table table, string column) => [.. Enumerable.Range(0, table.Rows).Select(table[column].Text)];

    private static void Put(TemporaryFolder folder, string path, string golden) => Put(folder, path, ImagesGolden.Bytes(golden));

    private static void Put(TemporaryFolder folder, string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Path, path))!);
        folder.Write(path, bytes);
    }

    private static void Text(TemporaryFolder folder, string path, string text) => Put(folder, path, System.Text.Encoding.UTF8.GetBytes(text));
}
