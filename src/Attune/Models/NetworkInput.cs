namespace Attune.Models;

/// <summary>One input a network is built for: real features, or indices into an embedding table of its own.</summary>
/// <param name="Name">Name of the graph input.</param>
/// <param name="Width">Features per row; 1 for indices.</param>
/// <param name="Vocabulary">Rows of the embedding table; 0 for real features.</param>
/// <param name="EmbeddingWidth">Columns of the embedding table; 0 for real features.</param>
public sealed record NetworkInput(string Name, int Width, int Vocabulary = 0, int EmbeddingWidth = 0);
