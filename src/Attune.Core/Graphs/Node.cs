namespace Attune.Graphs;

/// <summary>
/// One operator call. <see cref="Inputs"/> and <see cref="Outputs"/> name values; "" stands for an optional one that is absent.
/// Immutable: a rewrite replaces nodes.
/// </summary>
public sealed record Node(string Name, string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, Attributes Attributes, string Domain = "")
{
    /// <summary>Domain of training-only operators, which the ONNX writer removes.</summary>
    public const string AttuneDomain = "attune";

    /// <summary>The operator with its domain where it is not ONNX's own: <c>Gemm</c>, <c>ai.onnx.ml.LabelEncoder</c>.</summary>
    public string QualifiedOperator => Domain.Length == 0 ? Operator : $"{Domain}.{Operator}";

    /// <summary>Input <paramref name="index"/>, or null when absent.</summary>
    public string? Input(int index) => index < Inputs.Count && Inputs[index].Length > 0 ? Inputs[index] : null;

    /// <summary>Output <paramref name="index"/>, or null when absent.</summary>
    public string? Output(int index) => index < Outputs.Count && Outputs[index].Length > 0 ? Outputs[index] : null;
}
