using Attune.Encoding;
using Attune.Engines;
using Attune.Prediction;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>What an earlier model says about the training rows, as outputs of the student's task: computed once, before training.</summary>
internal static class TeacherOutputs
{
    private const float Least = 1e-37f;   // probabilities below are as good as 0, whose logarithm would be infinite

    /// <summary>Outputs [R, outputs] and the hash of its weights: logits in the student's order of classes, or values in the student's unit.</summary>
    /// <param name="path">The teacher's run or model folder.</param>
    /// <param name="task">The student's task.</param>
    /// <param name="data">The rows, which the teacher encodes its own way.</param>
    /// <param name="splits">The divided rows.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <exception cref="DataFormatException">The folder cannot be read, or the data lack a column of the teacher's.</exception>
    /// <exception cref="OptionsException">The teacher predicts something else.</exception>
    public static (float[] Outputs, string Sha256) Of(string path, LearningTask task, RunData data, DataSplits splits, Action<int, int>? progress)
    {
        var folder = ModelFolder.Load(path);
        var same = (folder.Task, task) switch
        {
            (Regression, Regression) => true,
            (Classification a, Classification b) => a.Classes.Order(StringComparer.Ordinal).SequenceEqual(b.Classes.Order(StringComparer.Ordinal)),
            (MultiLabelClassification a, MultiLabelClassification b) => a.Labels.Order(StringComparer.Ordinal).SequenceEqual(b.Labels.Order(StringComparer.Ordinal)),
            (TokenClassification a, TokenClassification b) => a.Tags.Order(StringComparer.Ordinal).SequenceEqual(b.Tags.Order(StringComparer.Ordinal)),
            _ => false,
        };
        if (!same) throw new OptionsException($"objective.teacher: {path} predicts {Describe(folder.Task)}; this run learns {Describe(task)}. A teacher needs the same classes, or a number where a number is learned.");
        using var teacher = new Predictor(folder, ModelEngine.CompileAny);
        data.Bind(folder.Network.Inputs[0].Name);
        var set = data.Encode(folder.Inputs, task, splits, SplitPart.Train, []);
        var rows = new int[set.Rows];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        return (Convert(folder.Task, task, teacher.Predict(set, rows, progress)), folder.WeightsSha256);
    }

    private static float[] Convert(LearningTask teacher, LearningTask task, float[] predictions)
    {
        if (task is Regression regression)
        {
            return Array.ConvertAll(predictions, p =>
            {
                var scaled = (p - regression.Mean) / regression.Scale;
                return (float)(regression.IsLogarithmic ? Math.Log(Math.Max(scaled, Least)) : scaled);
            });
        }
        var (names, width) = (teacher.PredictionNames, teacher.PredictionWidth);
        int[] order = [.. task.PredictionNames.Select(n => names.Select((name, i) => (name, i)).First(p => p.name == n).i)];
        var outputs = new float[predictions.Length / width * task.OutputWidth];
        for (var row = 0; row < predictions.Length / width; row++)
        {
            var p = predictions.AsSpan(row * width, width);
            if (task is Classification { Classes.Count: 2 } binary) outputs[row] = Log(p[order[binary.PositiveIndex]]) - Log(p[order[1 - binary.PositiveIndex]]);
            else for (var k = 0; k < width; k++) outputs[row * width + k] = task is Classification or TokenClassification ? Log(p[order[k]]) : Log(p[order[k]]) - Log(1 - p[order[k]]);
        }
        return outputs;
    }

    private static float Log(float probability) => MathF.Log(MathF.Max(probability, Least));

    private static string Describe(LearningTask task) => task is SentenceEmbedding ? "an embedding" : task is Regression ? $"the number '{task.Target}'" : $"{task.PredictionNames.Count} {(task is Classification ? "classes" : "labels")} ({NearestName.Preview(task.PredictionNames)})";
}
