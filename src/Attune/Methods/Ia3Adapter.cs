using Attune.Graphs;

namespace Attune.Methods;

/// <summary>One vector of factors l beside a linear layer (Liu et al. 2022, arXiv:2205.05638): y = l·(W·x + b), or y = W·(l·x) + b for a feed-forward layer.</summary>
/// <param name="Weight">Canonical name of W.</param>
/// <param name="L">Name of l: [out, 1], or [1, in] where it scales the input, as PEFT stores them.</param>
/// <param name="ScalesInput">True when the layer's input is scaled instead of its output.</param>
/// <param name="Use">The use of W that is adapted.</param>
internal sealed record Ia3Adapter(string Weight, string L, bool ScalesInput, WeightUse Use)
{
    /// <summary>Outputs of W.</summary>
    public required int Outputs { get; init; }

    /// <summary>Inputs of W.</summary>
    public required int Inputs { get; init; }

    /// <summary>True when W is stored as [out, in].</summary>
    public required bool OutputsFirst { get; init; }

    /// <summary>Name of the bias; null without one.</summary>
    public string? Bias { get; init; }

    /// <summary>The node that gives the layer's output, bias included.</summary>
    public required Node Last { get; init; }

    /// <summary>Sizes of l.</summary>
    public long[] Sizes => ScalesInput ? [1, Inputs] : [Outputs, 1];

    /// <summary>The adapter of a use; null when it is no plain linear layer.</summary>
    public static Ia3Adapter? Of(NetworkStructure structure, WeightUse use, string l, bool scalesInput)
    {
        var value = structure.Graph.Weights[use.Weight].Value;
        if (use.Consumer.Operator is not ("Gemm" or "MatMul") || MatrixOrientation.Of(use, value) is not { } outputsFirst) return null;
        var (last, bias) = (use.Consumer, use.Consumer.Operator == "Gemm" ? use.Consumer.Input(2) : null);
        if (structure.Flow.Readers(use.Consumer.Outputs[0]) is [{ Operator: "Add" } add] && structure.Flow.UsesOf(add) is [{ Kind: WeightKind.Bias, Path.Count: 0 } added] && bias is null) (last, bias) = (add, added.Weight);
        return new Ia3Adapter(use.Weight, l, scalesInput, use)
        {
            Outputs = (int)value.Sizes[outputsFirst ? 0 : 1],
            Inputs = (int)value.Sizes[outputsFirst ? 1 : 0],
            OutputsFirst = outputsFirst,
            Bias = bias,
            Last = last,
        };
    }
}
