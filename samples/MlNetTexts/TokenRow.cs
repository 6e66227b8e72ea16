using Microsoft.ML.Data;

namespace MlNetTexts;

/// <summary>What the network reads, in columns named as its inputs; their size is set by the program.</summary>
internal sealed class TokenRow
{
    /// <summary>Token ids, padded.</summary>
    [ColumnName("input_ids")]
    public long[] Ids { get; set; } = [];

    /// <summary>1 for a token, 0 for padding.</summary>
    [ColumnName("attention_mask")]
    public long[] Mask { get; set; } = [];

    /// <summary>Segments.</summary>
    [ColumnName("token_type_ids")]
    public long[] Types { get; set; } = [];
}
