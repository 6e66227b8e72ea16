namespace Attune.Losses;

/// <summary>How two embeddings are compared.</summary>
public enum Similarity
{
    /// <summary>a·b / (‖a‖·‖b‖).</summary>
    Cosine,

    /// <summary>a·b.</summary>
    Dot,
}
