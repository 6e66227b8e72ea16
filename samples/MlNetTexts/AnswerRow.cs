using Microsoft.ML.Data;

namespace MlNetTexts;

/// <summary>What the network answers.</summary>
internal sealed class AnswerRow
{
    /// <summary>The most probable class.</summary>
    [ColumnName("label")]
    public string[] Label { get; set; } = [];

    /// <summary>Probability of each class.</summary>
    [ColumnName("probabilities")]
    public float[] Probabilities { get; set; } = [];
}
