namespace Attune.Losses;

/// <summary>How far apart two embeddings are.</summary>
public enum EmbeddingDistance
{
    /// <summary>‖a - b + 1e-6‖ (torch's <c>pairwise_distance</c>).</summary>
    Euclidean,

    /// <summary>1 - cosine.</summary>
    Cosine,
}
