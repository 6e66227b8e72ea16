using Attune.Engines;

namespace Attune.Training;

/// <summary>Watches a run. Every method may stay as it is; none may change the model.</summary>
public abstract class Callback
{
    /// <summary>A sentence worth showing: a choice made, rows dropped, a fallback.</summary>
    public virtual void Note(string message) { }

    /// <summary>A phase begins ("reading", "training", "evaluating").</summary>
    public virtual void Phase(string name) { }

    /// <summary>What the run will do: label and text of each line. Told before training.</summary>
    public virtual void Plan(IReadOnlyList<(string Label, string Text)> lines) { }

    /// <summary>The self-test passed.</summary>
    public virtual void SelfTested(IReadOnlyList<SelfTestCheck> checks) { }

    /// <summary>Something long goes on that is no step: reading pictures, computing features. May be called from any thread, by one at a time.</summary>
    /// <param name="what">What goes on.</param>
    /// <param name="done">How much is done.</param>
    /// <param name="all">How much there is.</param>
    public virtual void Progress(string what, int done, int all) { }

    /// <summary>An optimizer step ended. Called for every step; do little.</summary>
    public virtual void Step(in StepReport report) { }

    /// <summary>An epoch ended and was validated.</summary>
    public virtual void Epoch(EpochReport report) { }
}

/// <summary>One optimizer step.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="TotalSteps">Steps planned.</param>
/// <param name="Epoch">Epoch, 0-based.</param>
/// <param name="Loss">Mean loss of the step's rows.</param>
/// <param name="LearningRate">Rate that was used.</param>
public readonly record struct StepReport(long Step, long TotalSteps, int Epoch, double Loss, double LearningRate);

/// <summary>One epoch.</summary>
/// <param name="Epoch">Epoch, 0-based.</param>
/// <param name="Step">Steps done so far.</param>
/// <param name="TrainLoss">Mean loss over the epoch's rows, as seen while training (dropout on).</param>
/// <param name="ValidationLoss">Mean loss over the validation rows.</param>
/// <param name="Metric">Primary metric over the validation rows; null when undefined.</param>
/// <param name="IsBest">True when these weights are the best so far.</param>
/// <param name="LearningRate">Rate of the last step.</param>
/// <param name="GradientNorm">Norm of the last step's gradient before clipping; null without clipping.</param>
public sealed record EpochReport(int Epoch, long Step, double TrainLoss, double ValidationLoss, double? Metric, bool IsBest, double LearningRate, double? GradientNorm);
