using Attune.Graphs;

namespace Attune.Methods;

/// <summary>How a stored matrix lies, read from its consumer and from the transpositions between.</summary>
internal static class MatrixOrientation
{
    /// <summary>True for [out, in], false for [in, out] as stored; null when the use is no plain linear map (other operators, ranks or rearrangements).</summary>
    public static bool? Of(WeightUse use, Tensor value)
    {
        if (use.Kind == WeightKind.Table) return value.Sizes.Count == 2 && use.Path.Count == 0 && value.Type.IsFloating() && use.Consumer is { Operator: "Gather" } gather && gather.Attributes.Int("axis") == 0 ? false : null;
        if (use.Slot != 1 || !value.Type.IsFloating()) return null;
        if (use.Consumer.Operator == "Conv") return value.Sizes.Count >= 3 && use.Path.Count == 0 ? true : null;
        if (value.Sizes.Count != 2 || AsSeen(use) is not { } seen) return null;
        foreach (var node in use.Path)
        {
            switch (node.Operator)
            {
                case "Transpose" when node.Attributes.Get<long[]>("perm") is null or [1, 0]: seen = !seen; break;
                case "Transpose" or "Identity" or "Cast": break;
                default: return null;
            }
        }
        return seen;
    }

    /// <summary>True when the consumer sees [out, in]; null when it is no linear map.</summary>
    public static bool? AsSeen(WeightUse use) => use.Consumer.Operator switch
    {
        "Gemm" when use.Consumer.Attributes.Int("transA") == 0 => use.Consumer.Attributes.Int("transB") != 0,
        "MatMul" or "Gather" => false,
        "Conv" => true,
        _ => null,
    };
}
