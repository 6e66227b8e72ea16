namespace Attune.Graphs.Onnx;
/// <summary>x</summary>
public static class OnnxReader {
/// <summary>x</summary>
public static OnnxModel ReadModel(string path) => throw new NotSupportedException(path); }
