using Attune.Options;
using Attune.Tasks;

namespace Attune.Models;

/// <summary>The structure of an <see cref="Mlp"/> with nothing left to choose.</summary>
public sealed record MlpShape(IReadOnlyList<int> HiddenSizes, string Activation, string Normalization, double Dropout, bool Residual)
{
    /// <summary>Fills what the user left open from the number of training rows.</summary>
    public static MlpShape For(ModelOptions options, int rows, LearningTask task)
    {
        if (options.Name == "linear") return new([], options.Activation, "none", 0, false);
        var few = rows < 2_000;
        var width = few && task is Regression ? 64 : rows < 10_000 ? 128 : 256;
        var depth = few && task is not Regression ? 1 : rows < 10_000 ? 2 : 3;
        if (task.OutputWidth > width / 2) width *= 2;
        return new(
            options.HiddenSizes ?? [.. Enumerable.Repeat(width, depth)],
            options.Activation,
            options.Normalization ?? "none",
            options.Dropout ?? DropoutFor(rows, task),
            options.Residual);
    }

    // Chosen by validation metric on real tables (docs/log.md, 2026-11-23): noise on every unit costs a regression precision once there are rows enough.
    private static double DropoutFor(int rows, LearningTask task) => task is not Regression
        ? rows < 2_000 ? 0.5 : rows < 5_000 ? 0.2 : 0.1
        : rows < 5_000 ? 0.1 : 0;
}
