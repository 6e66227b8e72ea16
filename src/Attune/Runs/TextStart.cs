using Attune.Encoding;
using Attune.Text;

namespace Attune.Runs;

/// <summary>What a starting model of texts brings beside its network.</summary>
/// <param name="Tokenizer">From text to ids.</param>
/// <param name="Settings">Longest sequence, padding, graph inputs.</param>
internal sealed record TextStart(Tokenizer Tokenizer, TextSettings Settings)
{
    /// <summary>The tokenizer of an ONNX file: <c>NAME.tokenizer.json</c>, <c>tokenizer.json</c>, a vocabulary or a SentencePiece <c>.model</c> beside it; null when there is none.</summary>
    public static string? TokenizerBeside(string onnx)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(onnx))!;
        if (new[] { Path.GetFileNameWithoutExtension(onnx) + ".tokenizer.json", "tokenizer.json" }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } file) return file;
        return File.Exists(Path.Combine(folder, "vocab.txt")) || File.Exists(Path.Combine(folder, "vocab.json")) ? folder : Directory.EnumerateFiles(folder, "*.model").FirstOrDefault();
    }
}
