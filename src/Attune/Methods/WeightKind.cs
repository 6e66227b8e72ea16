namespace Attune.Methods;

/// <summary>What a node does with a weight.</summary>
public enum WeightKind
{
    /// <summary>Multiplies features with each other: Gemm, MatMul, Conv, recurrent matrices. Decays.</summary>
    Matrix,

    /// <summary>Rows that are looked up (Gather).</summary>
    Table,

    /// <summary>Added along a channel axis behind a matrix.</summary>
    Bias,

    /// <summary>Gain of a normalisation, or any factor along a channel axis.</summary>
    Scale,

    /// <summary>Offset of a normalisation.</summary>
    Shift,

    /// <summary>Running mean or variance; never trains.</summary>
    Statistics,

    /// <summary>Anything else: class tokens, position tables that are added, slopes of PRelu.</summary>
    Other,
}
