namespace Attune.Engines.Torch;

/// <summary>What a value at the boundary of a frozen prefix has one vector for.</summary>
internal enum BoundaryUnit
{
    /// <summary>A row, or each of a row's sequences: [B, …].</summary>
    Sequence,

    /// <summary>A token: [B, T, …]; padding is not kept.</summary>
    Token,

    /// <summary>A token that has an output: [U, …].</summary>
    Selected,
}

/// <summary>A value between a frozen prefix and what trains.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">What it has one vector for.</param>
/// <param name="Shape">Sizes of one vector.</param>
internal sealed record BoundaryValue(string Name, BoundaryUnit Unit, long[] Shape)
{
    /// <summary>Numbers of one vector.</summary>
    public int Width { get; } = checked((int)Graphs.Tensor.Product(Shape));
}
