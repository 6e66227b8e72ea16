using System.Text;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Options;
using Attune.Tests.Batching;

namespace Attune.Tests.Snapshots;

/// <summary>The text of messages about pictures, all in image-messages.txt. ATTUNE_UPDATE_SNAPSHOTS=1 writes it anew; read the difference before committing it.</summary>
public sealed class ImageMessageTests
{
    [Fact]
    public void Messages_read_as_they_did()
    {
        using var folder = TestFiles.Folder();
        var text = new StringBuilder();
        foreach (var (name, run) in Cases(folder))
        {
            var error = Assert.ThrowsAny<AttuneException>(run);
            text.Append("== ").Append(name).Append(" (").Append(error.GetType().Name).Append(")\n").Append(error.Message.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
                .Replace(folder.Path, "FOLDER", StringComparison.Ordinal).ReplaceLineEndings("\n")).Append("\n\n");
        }
        var file = TestFiles.At("test", "Attune.Tests", "Snapshots", "image-messages.txt");
        if (Environment.GetEnvironmentVariable("ATTUNE_UPDATE_SNAPSHOTS") == "1") File.WriteAllText(file, text.ToString());
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), text.ToString());
    }

    private static IEnumerable<(string Name, Action Run)> Cases(TemporaryFolder folder)
    {
        var png = ImagesGolden.Bytes("rgb.png");
        yield return ("no picture", () => Decode("a text"u8.ToArray()));
        yield return ("empty picture", () => Decode([]));
        yield return ("cut off", () => Decode(png[..900]));
        yield return ("header damaged", () => Decode(png[..20]));
        yield return ("too many pixels", () => ImageDecoder.ReadHeader(png, "photos/a.png", 1000));
        yield return ("list without paths", () => List("where,label\na.png,x\n"));
        yield return ("list with a missing file", () => List("path,label\na.png,x\n"));
        yield return ("list with an empty cell", () => List("path,label\n,x\n"));
        yield return ("empty folder", () => ImageListing.Read(Directory.CreateDirectory(Path.Combine(folder.Path, "photos")).FullName));
        yield return ("too many unreadable", () => new UnreadableImages(30, [new(3, "photos/a.png", "photos/a.png: The PNG file is cut off."), new(4, "photos/b.png", "…")], ImageCheckDepth.Full).ThrowIfAbove(0.01, "photos"));
        yield return ("preprocessing of a model", () => ImagePreprocessing.FromJson("{ \"height\": 0, \"width\": 2 }", "model.json"));
        yield return ("options", () =>
        {
            var problems = new Problems();
            new ImageOptions { Size = 0, Mean = ["a", "0"], Std = ["0"], Background = "white", MaxUnreadable = 1 }.Validate(problems);
            new AugmentationOptions { CropScale = 2, Hue = 0.7, HorizontalFlip = -1 }.Validate(problems);
            problems.ThrowIfAny();
        });

        static void Decode(byte[] bytes) => new ImageDecoder().Decode(bytes, "photos/a.png", new PixelImage(), ImageSource.DefaultMaxPixels, (255, 255, 255));
        void List(string text) => ImageListing.Read(folder.Write("list.csv", text));
    }
}
