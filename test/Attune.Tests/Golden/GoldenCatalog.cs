namespace Attune.Tests.Golden;

/// <summary>One runner: the files or folders it answers for, relative to the golden folder, and the function that runs their cases.</summary>
public sealed record GoldenRunner(IReadOnlyList<string> Covers, Func<string, IEnumerable<GoldenOutcome>> Run);

/// <summary>Every runner of golden cases. A file that stands in no line here counts as pending, case by case.</summary>
public static class GoldenCatalog
{
    /// <summary>The runners, alphabetical by what they cover. </summary>
    public static readonly IReadOnlyList<GoldenRunner> All =
    [
        new(["adapters"], AdaptersGolden.Run),
        new(["metrics"], MetricsGolden.Run),
        new(["objectives/losses.json"], ObjectivesGolden.Run),
        new(["models/vit*", "vision"], VisionGolden.Run),   // before the other networks of models
        new(["models"], TextGolden.Run),
        new(["onnx"], OnnxGolden.Run),
        new(["optimizers/optimizers.json"], OptimizersGolden.Run),
        new(["optimizers/schedules.json"], SchedulesGolden.Run),
        new(["preprocessing/categorical.json", "preprocessing/numeric.json"], PreprocessingGolden.Run),
        new(["preprocessing/splits.json"], SplitsGolden.Run),
        new(["tokenizers"], TokenizersGolden.Run),
        new(["training"], TrainingGolden.Run),
    ];
}
