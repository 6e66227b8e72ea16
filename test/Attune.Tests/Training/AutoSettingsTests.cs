using Attune.Options;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Tests.Training;

public sealed class AutoSettingsTests
{
    private static readonly Classification Two = new("y", ["a", "b"], "a");
    private static readonly Classification Three = new("y", ["a", "b", "c"], null);
    private static readonly Regression Number = new("y", 0, 1);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 40)]
    [InlineData(100_000, 1)]
    public void Some_step_always_has_a_rate_above_zero(int rows, int epochs)
    {
        foreach (var ratio in new[] { 0, 0.05, 0.999 })
        {
            var settings = For(new() { Training = new() { Epochs = epochs, WarmupRatio = ratio, Schedule = "constant" } }, Two, rows);
            var steps = epochs * TrainingLoop.StepsPerEpoch(rows, settings.BatchSize);
            Assert.Contains(Enumerable.Range(0, steps), s => settings.Schedule.Factor(s) > 0);
        }
    }

    [Fact]
    public void An_epoch_of_one_step_never_has_a_rate_of_zero()
    {
        Assert.Equal(1, For(new() { Training = new() { Epochs = 40, Schedule = "constant" } }, Two, 12).Schedule.Factor(0));
        Assert.Equal(0, For(new() { Training = new() { Epochs = 40, BatchSize = 6, Schedule = "constant" } }, Two, 12).Schedule.Factor(0));
    }

    [Fact]
    public void A_batch_is_never_larger_than_the_split()
    {
        var settings = For(new() { Training = new() { BatchSize = 500, MicroBatchSize = 400 } }, Two, 90);
        Assert.Equal((90, 90), (settings.BatchSize, settings.MicroBatchSize));
    }

    [Fact]
    public void Losses_and_remedies_of_another_task_are_refused_together()
    {
        string[] Refused(ObjectiveOptions objective, LearningTask task)
            => [.. Assert.Throws<OptionsException>(() => For(new() { Objective = objective }, task, 50)).Problems.Select(p => p.Split(':')[0])];
        Assert.Equal(["objective.loss", "objective.label-smoothing", "objective.class-weights"], Refused(new() { Loss = "cross-entropy", LabelSmoothing = 0.1, ClassWeights = "balanced" }, Number));
        Assert.Equal(["objective.loss"], Refused(new() { Loss = "mse" }, Two));
        Assert.Equal(["objective.loss"], Refused(new() { Loss = "binary-cross-entropy" }, Three));
    }

    [Fact]
    public void A_metric_of_another_task_is_refused()
        => Assert.Contains("rmse", Assert.Throws<OptionsException>(() => For(new() { Evaluation = new() { Metric = "rmse" } }, Two, 50)).Message, StringComparison.Ordinal);

    private static TrainingSettings For(RunOptions options, LearningTask task, int rows) => AutoSettings.For(options, task, rows, task is Classification c ? [.. c.Classes.Select(_ => rows / c.Classes.Count)] : [], NetworkKind.NewForTable);
}
