namespace Attune.Splitting;

/// <summary>Rows of one split that also stand in another.</summary>
/// <param name="TrainTest">Test rows with a copy among the training or validation rows.</param>
/// <param name="TrainValidation">Validation rows with a copy among the training rows.</param>
/// <param name="Examples">Up to five, each a sentence with both places.</param>
public sealed record DuplicateReport(int TrainTest, int TrainValidation, IReadOnlyList<string> Examples);
