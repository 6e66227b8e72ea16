using Attune.Encoding;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>A simple model that a tuned one has to beat. Fitted on the encoded training split.</summary>
public abstract class Baseline
{
    private protected Baseline(LearningTask task) => Task = task;

    /// <summary><c>majority</c>, <c>majority-by-word</c>, <c>mean</c>, <c>word-frequency</c>, <c>logistic</c> or <c>linear</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The task.</summary>
    protected LearningTask Task { get; }

    /// <summary>Predictions as <see cref="LearningTask.Activate"/> gives them: probabilities [R, K] or values [R].</summary>
    public abstract float[] Predict(EncodedSet set);

    /// <summary>Truth and predictions of encoded rows with targets.</summary>
    /// <param name="set">Encoded rows with targets.</param>
    /// <param name="values">Regression targets in the user's unit [R]; without them the encoded ones are scaled back.</param>
    public ScoredSet Score(EncodedSet set, double[]? values = null)
        => ScoredSet.Of(Task, set.Targets ?? throw new ArgumentException("Scoring needs targets.", nameof(set)), Predict(set), values);

    /// <summary>The two baselines of a task: majority and logistic, of words majority and majority by word, or mean and linear.</summary>
    public static IReadOnlyList<Baseline> Fit(LearningTask task, EncodedSet train)
        => task is Regression regression
            ? [new Mean(regression, train), new LinearModel(task, train)]
            : task is TokenClassification tags ? [new Majority(task, train), new MajorityByWord(tags, train)]
            : [new Majority(task, train), new LinearModel(task, train)];

    /// <summary>The better one on validation by log loss or RMSE; the first when they tie. Both are to be reported.</summary>
    public static Baseline Choose(IReadOnlyList<Baseline> baselines, EncodedSet validation)
        => baselines.MinBy(baseline =>
        {
            var scores = baseline.Score(validation);
            return MetricCatalog.Get(scores.Kind == MetricTasks.Regression ? "rmse" : "log_loss", scores.Kind).Compute(scores).Value ?? double.PositiveInfinity;
        }) ?? throw new ArgumentException("There is no baseline to choose from.", nameof(baselines));
}
