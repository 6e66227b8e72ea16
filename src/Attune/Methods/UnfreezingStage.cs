namespace Attune.Methods;

/// <summary>Weights that begin to train together.</summary>
/// <param name="Name">What thaws: the head, a block, the stem.</param>
/// <param name="FirstEpoch">Epoch, 0-based, with whose first step they join.</param>
/// <param name="Weights">Canonical names.</param>
public sealed record UnfreezingStage(string Name, int FirstEpoch, IReadOnlyList<string> Weights);
