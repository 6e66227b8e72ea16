using Attune.Encoding;
using Attune.Models.Text;
using Attune.Text;

namespace Attune.Prediction;

/// <summary>The tokenizer of a Hugging Face folder of texts, and how its ids reach the network.</summary>
internal static class TextFolders
{
    /// <summary>The tokenizer beside the weights.</summary>
    /// <exception cref="DataFormatException">There is none, or it has more words than the network.</exception>
    public static Tokenizer TokenizerOf(TextModel model, string folder)
    {
        Tokenizer tokenizer;
        try { tokenizer = Tokenizer.Load(folder); }
        catch (FileNotFoundException)
        {
            throw new DataFormatException(folder, null, null, "holds no tokenizer: put tokenizer.json (or vocab.txt, vocab.json and merges.txt, or a SentencePiece .model) beside the weights.");
        }
        if (tokenizer.LargestId < model.Config.Shape.VocabularySize) return tokenizer;
        throw new DataFormatException(folder, null, null, FormattableString.Invariant(
            $"The tokenizer gives ids up to {tokenizer.LargestId}, the network has {model.Config.Shape.VocabularySize} words: the tokenizer belongs to another model. Copy the whole folder again."));
    }

    /// <summary>Longest sequence, padding, graph inputs.</summary>
    public static TextSettings SettingsOf(TextModel model, Tokenizer tokenizer)
    {
        var longest = Math.Min(model.MaxTokens, tokenizer.ModelMaxLength ?? model.MaxTokens);
        return new TextSettings(longest, new TokenPadding(model.Config.Shape.PadId ?? tokenizer.PadId ?? 0, longest), TokenFields.Of(model.Graph)!);
    }
}
