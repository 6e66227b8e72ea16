namespace Attune.Graphs.Operators;

/// <summary>A node whose inputs do not fit its operator. Caught by <see cref="ShapeInference"/>, which names the node.</summary>
public sealed class InferenceException(string message) : Exception(message);
