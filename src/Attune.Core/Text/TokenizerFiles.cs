namespace Attune.Text;

/// <summary>Finds and reads the files of a tokenizer.</summary>
internal static class TokenizerFiles
{
    private static readonly string[] SentencePieceNames = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"];

    public static TokenizerParts Read(string fileOrFolder)
    {
        var file = Directory.Exists(fileOrFolder) ? Find(fileOrFolder) : fileOrFolder;
        if (file is null || !File.Exists(file))
            throw new FileNotFoundException($"{fileOrFolder}: There is no tokenizer here. Name a tokenizer.json, or a folder that has one (or vocab.txt, vocab.json and merges.txt, or a SentencePiece .model).", fileOrFolder);
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(file))!, Path.GetFileName(file));
        var bytes = File.ReadAllBytes(file);
        var isModel = name.EndsWith(".model", StringComparison.OrdinalIgnoreCase);
        var isJson = !isModel && name is not ("vocab.txt" or "vocab.json" or "merges.txt") && !name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

        // What stands beside a file of another name belongs to something else.
        var files = new Dictionary<string, byte[]> { [isJson ? "tokenizer.json" : name] = bytes };
        var belongs = name is "tokenizer.json" or "vocab.txt" or "vocab.json" or "merges.txt" || SentencePieceNames.Contains(name);
        var companions = new TokenizerCompanions(belongs ? folder : "", files);
        var parts = isJson ? TokenizerJson.Read(bytes, file)
            : isModel ? SentencePieceFiles.Read(file, bytes, companions)
            : name is "vocab.json" or "merges.txt" ? ReadPair(folder, companions, files)
            : VocabularyFiles.ReadVocabTxt(file, bytes, companions);
        return parts with { Files = files, Roles = companions.Roles, ModelMaxLength = companions.ModelMaxLength };
    }

    private static string? Find(string folder)
    {
        if (File.Exists(Path.Combine(folder, "vocab.json")) && File.Exists(Path.Combine(folder, "merges.txt")) && !File.Exists(Path.Combine(folder, "tokenizer.json"))) return Path.Combine(folder, "vocab.json");
        return ((string[])["tokenizer.json", "vocab.txt", .. SentencePieceNames]).Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);
    }

    private static TokenizerParts ReadPair(string folder, TokenizerCompanions companions, Dictionary<string, byte[]> files)
    {
        foreach (var name in (string[])["vocab.json", "merges.txt"])
        {
            var path = Path.Combine(folder, name);
            files[name] = File.Exists(path) ? File.ReadAllBytes(path) : throw new FileNotFoundException($"{path}: vocab.json and merges.txt belong together, and this one is missing. Download both.", path);
        }
        return VocabularyFiles.ReadVocabJson(Path.Combine(folder, "vocab.json"), files["vocab.json"], files["merges.txt"], companions);
    }
}
