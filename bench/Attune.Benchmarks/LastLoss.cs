using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>Remembers the loss of the last step.</summary>
internal sealed class LastLoss : Callback
{
    /// <summary>The loss.</summary>
    public double Loss { get; private set; }

    /// <inheritdoc/>
    public override void Step(in StepReport report) => Loss = report.Loss;
}
