using Attune.Text.Decoders;
using Attune.Text.Normalizers;
using Attune.Text.PostProcessors;
using Attune.Text.PreTokenizers;
using Attune.Text.TokenModels;

namespace Attune.Text;

/// <summary>What a tokenizer consists of, however it was read.</summary>
internal sealed record TokenizerParts(TokenModel Model)
{
    public Normalizer? Normalizer { get; init; }

    public PreTokenizer? PreTokenizer { get; init; }

    public PostProcessing? PostProcessing { get; init; }

    public TokenDecoder? Decoder { get; init; }

    /// <summary>Added tokens in the file's order; their ids are given anew.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Truncation and padding that the file sets.</summary>
    public EncodeOptions StoredOptions { get; init; } = new();

    /// <summary>Tokens by the part they play (<c>pad_token</c>, …), from the files beside it.</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>();

    /// <summary>The largest number of tokens of the model, where the files say it.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>Files to save, by name, as they were read.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();
}
