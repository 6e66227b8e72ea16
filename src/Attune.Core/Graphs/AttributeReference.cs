namespace Attune.Graphs;

/// <summary>Stands in a function's body for an attribute of the call; gone once the function is inlined.</summary>
/// <param name="Name">The call's attribute.</param>
internal sealed record AttributeReference(string Name);
