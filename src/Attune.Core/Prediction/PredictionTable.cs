using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>Predictions of many rows.</summary>
/// <param name="Task">What was predicted.</param>
/// <param name="Values">Probabilities [R, K] row-major, one line a word for a tagger, in the task's class order, or values [R, 1].</param>
/// <param name="Counts">Missing and unknown cells met while encoding.</param>
public sealed record PredictionTable(LearningTask Task, float[] Values, EncodingCounts Counts)
{
    /// <summary>Number of rows R; of words for a tagger.</summary>
    public int Rows => Values.Length / Task.PredictionWidth;

    /// <summary>
    /// The most probable class of a row (the first of equals); for two classes the positive one from probability 0.5 on. Of several labels all from 0.5 on, joined by
    /// the separator of the data or a semicolon; "" for none.
    /// </summary>
    /// <exception cref="InvalidOperationException">The task is no classification.</exception>
    public string Label(int row) => Task switch
    {
        Classification task => task.Classes[task.Choose(Row(row))],
        TokenClassification task => task.Tags[TokenClassification.Choose(Row(row))],
        MultiLabelClassification task => task.Choose(Row(row)),
        _ => throw new InvalidOperationException("A regression predicts values, not classes."),
    };

    /// <summary>Probabilities [K], or the value [1], of a row.</summary>
    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Task.PredictionWidth, Task.PredictionWidth);
}
