using Attune.Options;

namespace Attune.Tests.Options;

public sealed class RunOptionsTests
{
    [Fact]
    public void Every_problem_of_the_tree_is_listed_at_once()
    {
        var options = new RunOptions
        {
            Data = new DataOptions { Task = "clustering", Columns = new Dictionary<string, string> { ["a"] = "colour" } },
            Split = new SplitOptions { Test = 1, Validation = 0 },
            Model = new ModelOptions { Activation = "rilu", Dropout = 1, HiddenSizes = [0] },
            Method = new MethodOptions { Name = "head", FreezeLayers = 1, LayerRateDecay = 0 },
            Objective = new ObjectiveOptions { LabelSmoothing = 1, Delta = 0, L2Sp = 1, Loss = "cross-entrop", ClassWeights = "equal" },
            Training = new TrainingOptions { Epochs = 0, BatchSize = 4, MicroBatchSize = 8, LearningRate = -1, Optimizer = "adamx", Schedule = "cosin", WarmupRatio = 2, Threads = 0, WeightDecay = -1 },
            Evaluation = new EvaluationOptions { Metric = "acuracy", Resamples = 1 },
        };
        var paths = Assert.Throws<OptionsException>(options.Validate).Problems.Select(p => p.Split(':')[0]).ToHashSet();
        string[] expected =
        [
            "out", "data.path", "data.target", "data.task", "data.columns.a", "split.test", "split.validation", "model.activation", "model.dropout", "model.hidden-sizes",
            "method.name", "method.freeze-layers", "method.layer-rate-decay", "objective.loss", "objective.label-smoothing", "objective.class-weights", "objective.delta",
            "objective.l2-sp", "training.epochs", "training.micro-batch-size", "training.learning-rate", "training.optimizer", "training.weight-decay", "training.schedule",
            "training.warmup-ratio", "training.threads", "evaluation.metric", "evaluation.resamples",
        ];
        Assert.Empty(expected.Except(paths));
    }

    [Fact]
    public void Options_of_a_new_network_contradict_an_earlier_model_each_by_name()
    {
        var options = new RunOptions
        {
            Out = "r",
            Data = new DataOptions { Path = "a.csv" },
            Model = new ModelOptions { Path = "runs/first", Name = "linear", HiddenSizes = [3], Activation = "tanh", Normalization = "layer", Dropout = 0.3, Residual = true },
        };
        var error = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(["activation", "dropout", "hidden-sizes", "name", "normalization", "residual"], error.Problems.Select(p => p.Split(':')[0]["model.".Length..]).Order());
        Assert.All(error.Problems, p => Assert.Contains("contradicts model.path", p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("data.task=regression", "data.positive=yes", "data.positive")]
    [InlineData("data.target=y", "data.exclude=y", "data.exclude")]
    [InlineData("training.optimizer=adam", "training.momentum=0.9", "momentum")]
    [InlineData("training.optimizer=sgd", "training.beta1=0.9", "beta1")]
    [InlineData("training.optimizer=sgd", "training.nesterov=true", "nesterov")]
    public void Contradictions_are_refused_before_data_are_read(string first, string second, string named)
    {
        var options = new OptionsReader().Set("out=r").Set("data.path=no-such-file.csv").Set("data.target=y").Set(first).Set(second).Read();
        Assert.Contains(named, Assert.Throws<OptionsException>(options.Validate).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Defaults_are_valid() => new RunOptions { Out = "r", Data = new DataOptions { Path = "a", Target = "y" } }.Validate();
}
