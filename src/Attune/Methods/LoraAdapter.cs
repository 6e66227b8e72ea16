using Attune.Graphs;

namespace Attune.Methods;

/// <summary>
/// One low-rank update: ΔW = <see cref="Scale"/>·B·A beside a linear weight W [out, in], or a Conv's [out, in/groups, kh, kw].
/// </summary>
/// <param name="Weight">Canonical name of W.</param>
/// <param name="Consumer">Node that uses it.</param>
/// <param name="A">Name of A: [r, in], or [r, in/groups, kh, kw].</param>
/// <param name="B">Name of B: [out, r], or [out, r/groups, 1, 1].</param>
/// <param name="Rank">r.</param>
/// <param name="Scale">α/r, or α/√r when rank-stabilized.</param>
public sealed record LoraAdapter(string Weight, string Consumer, string A, string B, int Rank, double Scale)
{
    /// <summary>Outputs of W.</summary>
    public required long Outputs { get; init; }

    /// <summary>Inputs of one output of W: in, or in/groups·kh·kw.</summary>
    public required long Inputs { get; init; }

    /// <summary>Groups of the Conv; 1 for linear layers.</summary>
    public required int Groups { get; init; }

    /// <summary>True when W is stored as [out, in].</summary>
    public required bool OutputsFirst { get; init; }

    /// <summary>True when other nodes use W too; merging then gives this consumer a weight of its own.</summary>
    public required bool IsShared { get; init; }

    /// <summary>The use that is adapted.</summary>
    public required WeightUse Use { get; init; }

    /// <summary>Name of the magnitudes m [out] of a weight-decomposed adapter (Liu et al. 2024, arXiv:2402.09353): W' = m·(W + s·B·A)/‖W + s·B·A‖, the norm by row; null without.</summary>
    public string? Magnitude { get; init; }

    /// <summary>True for a table [rows, width] that is looked up: A is [r, rows], B [width, r].</summary>
    public bool IsTable => Use.Kind == WeightKind.Table;

    /// <summary>Name of the adapted layer: that of A without its ending.</summary>
    public string Stem => A[..A.LastIndexOf(".lora_", StringComparison.Ordinal)];

    /// <summary>Parameters of A, B and the magnitudes: r·(in + out), or r·(in/groups·kh·kw + out/groups) for a Conv.</summary>
    public long Parameters => Rank * (Inputs + Outputs / Groups) + (Magnitude is null ? 0 : Outputs);

    /// <summary>Sizes of A.</summary>
    public long[] SizesOfA(Tensor weight) => weight.Sizes.Count == 2 ? [Rank, Inputs] : [Rank, .. weight.Sizes.Skip(1)];

    /// <summary>Sizes of B.</summary>
    public long[] SizesOfB(Tensor weight) => weight.Sizes.Count == 2 ? [Outputs, Rank] : [Outputs, Rank / Groups, .. weight.Sizes.Skip(2).Select(_ => 1L)];
}
