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

    /// <summary>Parameters of A and B: r·(in + out), or r·(in/groups·kh·kw + out/groups) for a Conv.</summary>
    public long Parameters => Rank * (Inputs + Outputs / Groups);

    /// <summary>Sizes of A.</summary>
    public long[] SizesOfA(Tensor weight) => weight.Sizes.Count == 2 ? [Rank, Inputs] : [Rank, .. weight.Sizes.Skip(1)];

    /// <summary>Sizes of B.</summary>
    public long[] SizesOfB(Tensor weight) => weight.Sizes.Count == 2 ? [Outputs, Rank] : [Outputs, Rank / Groups, .. weight.Sizes.Skip(2).Select(_ => 1L)];
}
