using System.Text.Json.Nodes;
using Attune.Encoding;

namespace Attune.Models.Text;

/// <summary>The configuration of a BERT that starts from nothing.</summary>
public static class FreshBert
{
    private const int UsualPositions = 512, Feedforward = 4, HeadWidth = 64;

    /// <summary>What the inputs of its graph hold where some of its tokens have an output.</summary>
    public static IReadOnlyDictionary<string, TokenField> Fields { get; } = new Dictionary<string, TokenField>(StringComparer.Ordinal)
    {
        [TextModel.InputIds] = TokenField.Ids,
        [TextModel.AttentionMask] = TokenField.Mask,
        [TextModel.TokenTypeIds] = TokenField.Types,
        [TextSettings.SelectedName] = TokenField.Selected,
    };

    /// <summary>Rows of the table of positions for texts of some tokens: BERT's 512, more where texts are longer.</summary>
    public static int PositionsFor(int length) => Math.Max(UsualPositions, length);

    /// <summary>A <c>config.json</c> with BERT's ratios: an MLP four times as wide as a token, heads of 64 numbers.</summary>
    /// <param name="vocabulary">Words V.</param>
    /// <param name="layers">Layers, ≥ 1.</param>
    /// <param name="width">Width D of a token.</param>
    /// <param name="heads">Attention heads, of which D is a multiple; null for D / 64, at least 1.</param>
    /// <param name="positions">Longest sequence.</param>
    /// <param name="dropout">Dropout of hidden states and attention weights.</param>
    /// <param name="padId">Id of padding.</param>
    /// <exception cref="OptionsException">D is no multiple of the heads.</exception>
    public static TextConfig Config(int vocabulary, int layers, int width, int? heads, int positions, double dropout, int padId)
    {
        var count = heads ?? Math.Max(1, width / HeadWidth);
        if (width % count != 0) throw new OptionsException($"model.heads: a token of {width} numbers cannot be cut into {count} heads. Choose model.width as a multiple of model.heads.");
        return TextConfig.Parse(new JsonObject
        {
            ["architectures"] = new JsonArray("BertForMaskedLM"),
            ["model_type"] = "bert",
            ["vocab_size"] = vocabulary,
            ["hidden_size"] = width,
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = count,
            ["intermediate_size"] = Feedforward * width,
            ["hidden_act"] = "gelu",
            ["max_position_embeddings"] = positions,
            ["type_vocab_size"] = 2,
            ["pad_token_id"] = padId,
            ["layer_norm_eps"] = 1e-12,
            ["initializer_range"] = 0.02,
            ["hidden_dropout_prob"] = dropout,
            ["attention_probs_dropout_prob"] = dropout,
            ["torch_dtype"] = "float32",
        }.ToJsonString());
    }
}
