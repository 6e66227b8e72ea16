namespace Attune.Graphs.Onnx;

/// <summary>An ONNX file as it was read: the graph (upgraded to <see cref="Graph.OperatorSet"/>) and what the file says about itself.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Opset">Operator set of ONNX's own domain in the file.</param>
/// <param name="Producer">The program that wrote it; "" when it does not say.</param>
/// <param name="ProducerVersion">That program's version; "" when it does not say.</param>
public sealed record OnnxModel(Graph Graph, long IrVersion, long Opset, string Producer, string ProducerVersion);
