using System.Globalization;
using Attune.Encoding;
using Attune.Evaluation;
using Attune.Evaluation.Baselines;
using Attune.Metrics;
using Attune.Randomness;
using Attune.Tasks;

namespace Attune.VerdictSimulation;

/// <summary>What an evaluation costs on one core: first call, and median of nine afterwards.</summary>
internal static class Timing
{
    public static void Print()
    {
        var settings = new EvaluationSettings { Seed = 1 };
        var world = new BinaryWorld("binary", 2, 0, 0.7, 1);
        Time("verdict, 2,000 rows, binary", i =>
        {
            var (before, after) = world.Draw((ulong)i, 2000, 0.7, 0.6);
            return () => VerdictMaker.Compare(before, "a", after, "b", "log_loss", settings);
        });
        Time("evaluate two models, 2,000 rows, binary", i =>
        {
            var (before, after) = world.Draw((ulong)i, 2000, 0.7, 0.6);
            return () => (Evaluator.Evaluate(before, settings), Evaluator.Evaluate(after, settings));
        });
        Time("verdict, 11,600 rows, 7 classes", i => { var (before, after) = Classes(11_600, 7, (ulong)i); return () => VerdictMaker.Compare(before, "a", after, "b", "log_loss", settings); });
        Time("evaluate, 11,600 rows, 7 classes", i => { var (before, _) = Classes(11_600, 7, (ulong)i); return () => Evaluator.Evaluate(before, settings); });
        Time("logistic baseline, 6,400 × 30, binary", i =>
        {
            var stream = new Philox((ulong)i, "x");
            var x = new float[6400 * 30];
            for (var j = 0; j < x.Length; j++) x[j] = (float)stream.Normal((ulong)j);
            var y = Enumerable.Range(0, 6400).Select(r => x[30 * r] + 0.5f * x[30 * r + 1] - x[30 * r + 2] + (float)stream.Normal(1_000_000 + (ulong)r) > 0 ? 1f : 0f).ToArray();
            var set = new EncodedSet(6400, [new FloatInput("x", 30, x)], Targets.Real(y));
            return () => new LinearModel(new Classification("y", ["0", "1"], "1"), set);
        });
    }

    private static (ScoredSet, ScoredSet) Classes(int rows, int classes, ulong seed)
    {
        var stream = new Philox(seed, "classes");
        var labels = new int[rows];
        double[] a = new double[rows * classes], b = new double[rows * classes];
        for (var row = 0; row < rows; row++)
        {
            labels[row] = row % classes;
            foreach (var (p, at) in new[] { (a, 0UL), (b, 1UL << 40) })
            {
                double sum = 0;
                for (var k = 0; k < classes; k++) sum += p[row * classes + k] = Math.Exp(stream.Normal(at + (ulong)(row * classes + k)) + (k == labels[row] ? 2 : 0));
                for (var k = 0; k < classes; k++) p[row * classes + k] /= sum;
            }
        }
        return (new ClassificationScores(labels, a, classes), new ClassificationScores(labels, b, classes));
    }

    private static void Time(string name, Func<int, Func<object>> prepare)
    {
        var times = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            var work = prepare(i);
            var start = Environment.CpuUsage.TotalTime;   // processor time, compiler threads included: the machine may be shared
            GC.KeepAlive(work());
            times.Add((Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: first {times[0]:0} ms, then {times.Skip(1).Order().ElementAt(4):0.0} ms (best {times.Min():0.0})"));
    }
}
