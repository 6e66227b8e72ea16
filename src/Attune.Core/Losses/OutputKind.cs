namespace Attune.Losses;

/// <summary>What the outputs of a row mean.</summary>
public enum OutputKind
{
    /// <summary>Logits of one distribution over the classes.</summary>
    Softmax,

    /// <summary>Logits of a yes or no each.</summary>
    Sigmoid,

    /// <summary>Values.</summary>
    Identity,
}
