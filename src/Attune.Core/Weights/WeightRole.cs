namespace Attune.Weights;

/// <summary>What a stored value is for (design decision 2 of docs/architecture.md).</summary>
public enum WeightRole
{
    /// <summary>Trains: float, and feeds a weight slot of an operator.</summary>
    Parameter,

    /// <summary>Changes in training without a gradient (BatchNormalization's running statistics).</summary>
    Buffer,

    /// <summary>Never changes: shapes, axes, indices, scalars.</summary>
    Constant,
}
