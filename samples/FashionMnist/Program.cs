// Fashion-MNIST as pictures: FOLDER/train/CLASS/NNNNN.png and FOLDER/test/CLASS/NNNNN.png, the first so many of each class.
//   dotnet run -c Release --project samples/FashionMnist -- SOURCE FOLDER [TRAIN_PER_CLASS [TEST_PER_CLASS]]
// SOURCE holds train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz and the t10k ones.
using System.Globalization;
using FashionMnist;
using SkiaSharp;

string[] names = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];
int train = 200, test = 50;
if (args.Length is < 2 or > 4 || (args.Length > 2 && !Count(args[2], out train)) || (args.Length > 3 && !Count(args[3], out test)))
{
    Console.Error.WriteLine("usage: FashionMnist SOURCE FOLDER [TRAIN_PER_CLASS [TEST_PER_CLASS]]");
    return 2;
}
Console.WriteLine($"{Write("train", "train", train)} training and {Write("t10k", "test", test)} test pictures written to {args[1]}");
return 0;

int Write(string prefix, string split, int perClass)
{
    var pictures = IdxFile.Read(Path.Combine(args[0], prefix + "-images-idx3-ubyte.gz"));
    var labels = IdxFile.Read(Path.Combine(args[0], prefix + "-labels-idx1-ubyte.gz"));
    if (pictures.Sizes is not [var count, var height, var width] || labels.Sizes is not [var known] || known != count)
        throw new InvalidDataException($"{args[0]}: pictures and labels of '{prefix}' do not belong together.");
    var written = new int[names.Length];
    for (var i = 0; i < count; i++)
    {
        var label = labels.Bytes[i];
        if (written[label] >= perClass) continue;
        written[label]++;
        var folder = Directory.CreateDirectory(Path.Combine(args[1], split, names[label])).FullName;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++) pictures.Bytes.AsSpan((i * height + y) * width, width).CopyTo(Pixels(bitmap)[(y * bitmap.RowBytes)..]);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using var file = File.Create(Path.Combine(folder, i.ToString("00000", CultureInfo.InvariantCulture) + ".png"));
        png.SaveTo(file);
    }
    return written.Sum();
}

// SkiaSharp gives the pixels for reading; these are written before anybody reads them.
static unsafe Span<byte> Pixels(SKBitmap bitmap) => new((void*)bitmap.GetPixels(), bitmap.ByteCount);

static bool Count(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
