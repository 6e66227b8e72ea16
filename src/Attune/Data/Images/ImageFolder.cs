using System.Globalization;

namespace Attune.Data.Images;

/// <summary>Lists <c>photos/&lt;class&gt;/…</c>, with or without <c>train/</c>, <c>val/</c> and <c>test/</c> on top; in the order of ordinal paths.</summary>
internal static class ImageFolder
{
    private static readonly string[] TrainNames = ["train", "training"];
    private static readonly string[] ValidationNames = ["val", "valid", "validation", "dev"];
    private static readonly string[] TestNames = ["test", "testing"];

    public static ImageListing Read(string root, ImageListingOptions options)
    {
        var skipped = new SkippedFiles();
        if (!options.Labelled) return new ImageListing { Data = Flat(root, options, skipped), Notices = skipped.Notices() };
        var folders = Folders(root);
        var train = Named(folders, TrainNames, root);
        var validation = Named(folders, ValidationNames, root);
        var test = Named(folders, TestNames, root);
        if (train is null && (validation is null || test is null))
        {
            // One folder called "test" may be a class of its own.
            return new ImageListing { Data = Classes(root, root, options, skipped, null), Notices = skipped.Notices() };
        }
        if (train is null) throw new DataFormatException(root, null, null, $"There are folders '{validation}' and '{test}', but no 'train'. Add it, or rename them.");
        var extra = folders.Except([train, validation, test]).ToList();
        if (extra.Count > 0) throw new DataFormatException(root, null, null,
            $"Beside '{train}' there {(extra.Count == 1 ? "is the folder" : "are the folders")} {NearestName.Preview(extra!)}. Either class folders, or train, val and test with class folders in them; move the others away.");
        var data = Classes(root, Path.Combine(root, train), options, skipped, null);
        var classes = ((TextColumn)data.Table[ImageSet.LabelColumn]).Dictionary;
        return new ImageListing
        {
            Data = data,
            Validation = validation is null ? null : Classes(root, Path.Combine(root, validation), options, skipped, classes),
            Test = test is null ? null : Classes(root, Path.Combine(root, test), options, skipped, classes),
            Notices = skipped.Notices(),
        };
    }

    // Pictures below the class folders of `folder`; paths are relative to `root`. With `known` classes, others are an error.
    private static ImageSet Classes(string root, string folder, ImageListingOptions options, SkippedFiles skipped, string[]? known)
    {
        var files = new List<string>();
        var labels = new List<int>();
        var classes = new List<string>();
        skipped.AddAll(Directory.EnumerateFiles(folder).Where(f => !ImageFormats.IsImageName(f)));
        foreach (var name in Folders(folder))
        {
            if (known is not null && !known.Contains(name, StringComparer.Ordinal))
                throw new DataFormatException(Path.Combine(folder, name), null, null, $"The class '{name}' has no folder among the training pictures ({NearestName.Preview(known)}).{NearestName.Hint(name, known)} Rename the folder, or add training pictures of that class.");
            var before = files.Count;
            Collect(Path.Combine(folder, name), files, skipped);
            if (files.Count == before)
                throw new DataFormatException(Path.Combine(folder, name), null, null, $"The class folder '{name}' holds no picture ({ImageFormats.Known}). Add pictures, or remove the folder.");
            for (var i = before; i < files.Count; i++) labels.Add(classes.Count);
            classes.Add(name);
        }
        var loose = Directory.EnumerateFiles(folder).Count(ImageFormats.IsImageName);
        if (classes.Count == 0) throw new DataFormatException(folder, null, null, loose > 0
            ? Invariant($"{loose:N0} pictures lie directly in the folder, so their classes are not known. Sort them into one folder per class, or give a CSV list of path,label.")
            : "The folder holds no class folders with pictures. One folder per class is expected: photos/<class>/*.jpg.");
        if (loose > 0) throw new DataFormatException(folder, null, null, Invariant($"{loose:N0} pictures lie beside the class folders, so their class is not known. Move them into a class folder, or away."));
        if (classes.Count == 1 && known is null) throw new DataFormatException(folder, null, null, $"There is a single class folder, '{classes[0]}'; a classifier needs at least two. Add a folder with pictures of another class.");
        return Make(root, files, options, new TextColumn(ImageSet.LabelColumn, [.. labels], [.. classes]));
    }

    private static ImageSet Flat(string root, ImageListingOptions options, SkippedFiles skipped)
    {
        var files = new List<string>();
        Collect(root, files, skipped);
        return files.Count > 0 ? Make(root, files, options, null) : throw new DataFormatException(root, null, null, $"The folder holds no picture ({ImageFormats.Known}). Name another folder.");
    }

    private static ImageSet Make(string root, List<string> files, ImageListingOptions options, TextColumn? label)
    {
        var names = files.ConvertAll(f => Path.GetRelativePath(root, f).Replace('\\', '/'));
        var source = new FileImageSource([.. files], [.. files.Select(f => f.Replace('\\', '/'))]);
        return ImageTable.Make(root, source, [.. names], label is null ? [] : [label],
            label is null ? [] : [new ColumnSchema(label.Name, ColumnKind.Category, Invariant($"{label.Dictionary.Length:N0} class folders"))], [], null, options);
    }

    private static void Collect(string folder, List<string> files, SkippedFiles skipped)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 32, AttributesToSkip = 0, IgnoreInaccessible = false };
        var found = Directory.EnumerateFiles(folder, "*", all).ToList();
        found.Sort(StringComparer.Ordinal);
        var start = new byte[ImageFormats.HeaderBytes];
        foreach (var file in found)
        {
            if (Path.GetRelativePath(folder, file).Split('/', '\\').Any(IsHidden)) skipped.AddHidden();
            else if (ImageFormats.IsImageName(file) || IsPicture(file, start)) files.Add(file);
            else skipped.Add(file);
        }
    }

    // A file that is called like a picture is one, readable or not; another one is looked into.
    private static bool IsPicture(string file, byte[] start)
    {
        using var handle = File.OpenHandle(file);
        return ImageFormats.Detect(start.AsSpan(0, RandomAccess.Read(handle, start, 0))) is not null;
    }

    private static List<string> Folders(string root)
    {
        var names = Directory.EnumerateDirectories(root).Select(f => Path.GetFileName(f)!).Where(n => !IsHidden(n)).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static bool IsHidden(string name) => name.StartsWith('.') || name is "__MACOSX" or "Thumbs.db" or "desktop.ini";

    private static string? Named(List<string> folders, string[] names, string root)
    {
        var found = folders.Where(f => names.Contains(f, StringComparer.OrdinalIgnoreCase)).ToList();
        return found.Count <= 1 ? found.FirstOrDefault() : throw new DataFormatException(root, null, null, $"The folders {NearestName.Preview(found)} mean the same part of the data. Keep one.");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
