namespace Attune.Graphs.Onnx;

/// <summary>A function that a model defines for itself: nodes over formal inputs and outputs, with attributes that calls fill in.</summary>
internal sealed record OnnxFunction(string Domain, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, Attributes Defaults, IReadOnlyList<Node> Nodes, long? Opset)
{
    /// <summary>The name as messages give it.</summary>
    public string QualifiedName => Domain.Length == 0 ? Name : $"{Domain}.{Name}";
}
