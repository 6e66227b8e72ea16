namespace Attune.Graphs.Operators;

/// <summary>Puts elements at indices along an axis; <c>reduction</c> says what happens where they meet.</summary>
internal sealed class ScatterElements() : ScatterOperator("ScatterElements", 11);
