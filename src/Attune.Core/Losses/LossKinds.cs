namespace Attune.Losses;

/// <summary>What a loss can be used for.</summary>
[Flags]
public enum LossKinds
{
    /// <summary>One sigmoid output, targets 0 and 1.</summary>
    Binary = 1,

    /// <summary>Softmax outputs [R, K], class indices [R].</summary>
    MultiClass = 2,

    /// <summary>Sigmoid outputs [R, K], targets 0 and 1 [R, K].</summary>
    MultiLabel = 4,

    /// <summary>Real outputs and targets of the same shape.</summary>
    Regression = 8,

    /// <summary>Logarithms of means as outputs, targets at least 0.</summary>
    LogRegression = 16,

    /// <summary>Embeddings [R, D], compared with each other.</summary>
    Embeddings = 32,
}
