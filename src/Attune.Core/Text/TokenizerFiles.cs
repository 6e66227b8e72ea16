namespace Attune.Text;

/// <summary>Finds and reads the files of a tokenizer.</summary>
internal static class TokenizerFiles
{
    public static TokenizerParts Read(string fileOrFolder)
    {
        var file = Directory.Exists(fileOrFolder) ? Path.Combine(fileOrFolder, "tokenizer.json") : fileOrFolder;
        if (!File.Exists(file)) throw new FileNotFoundException($"{fileOrFolder}: There is no tokenizer here. Name a tokenizer.json, or a folder that has one.", fileOrFolder);
        var bytes = File.ReadAllBytes(file);
        return TokenizerJson.Read(bytes, file) with { Files = new Dictionary<string, byte[]> { ["tokenizer.json"] = bytes } };
    }
}
