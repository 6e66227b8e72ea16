// The verdict, verified: how often it errs when nothing changed, how often its interval holds the truth, and how often it sees a difference of the size
// that it says it would see. dotnet run -c Release --project bench/verdict-simulation -- [repetitions] [rows,rows,…] [resamples]
using System.Globalization;
using System.Reflection;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.VerdictSimulation;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var repetitions = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2000;
var sizes = (args.Length > 1 ? args[1] : "100,1000,10000").Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
var resamples = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1000;
var method = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : -1;
if (method >= 0) typeof(Verdict).Assembly.GetType("Attune.Evaluation.DifferenceInference")!.GetField("Method", BindingFlags.Static | BindingFlags.NonPublic)!.SetValue(null, method);
World[] worlds =
[
    new BinaryWorld("binary", 2, 0, 0.7, 1),
    new BinaryWorld("binary, over-confident", 2, 0, 1.0, 2),
    new BinaryWorld("binary, 12 % positive", 1.5, -2.7, 0.7, 1),
    new RegressionWorld("regression", 1, false),
    new RegressionWorld("regression, heavy tails", 1, true),
];
foreach (var rows in sizes)
{
    foreach (var world in worlds)
    {
        var reps = method >= 0 ? worlds.Length : 0;
        var same = Run(world, rows, world.Noise, repetitions, 1);
        foreach (var metric in world.Metrics)
        {
            var noise = Planted(world, rows, metric);
            var truth = Truth(world, noise)[metric];
            var planted = Run(world, rows, noise, repetitions, 2)[metric];
            var a = same[metric];
            Console.WriteLine($"R {rows,6}  {world.Name,-24} {metric,-9} A/A errors {Share(a, c => c.Word != Verdict.NoEvidence)}  " +
                $"coverage {Share(planted, c => c.Interval is { } i && i.Contains(truth))}  power {Share(planted, c => c.Word == Verdict.Better)}  " +
                $"(true {truth:0.00000}, reported {planted.Average(c => c.DetectableDifference ?? 0):0.00000})");
        }
    }
}

static string Share(IReadOnlyList<MetricComparison> results, Func<MetricComparison, bool> holds) => $"{100.0 * results.Count(holds) / results.Count,5:0.0} %";

Dictionary<string, List<MetricComparison>> Run(World world, int rows, double noise, int count, ulong stream)
{
    var verdicts = new Verdict[count];
    Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
    {
        var (before, after) = world.Draw(stream * 1_000_003 + (ulong)i, rows, world.Noise, noise);
        verdicts[i] = VerdictMaker.Compare(before, "before", after, "after", world.Metrics[0], new EvaluationSettings { Seed = (ulong)i, Resamples = resamples });
    });
    return world.Metrics.ToDictionary(m => m, m => verdicts.Select(v => v.Metric == m ? v : v.Others.Single(o => o.Metric == m)).ToList());
}

// The population's difference, from a million rows.
static Dictionary<string, double> Truth(World world, double noise)
{
    var (before, after) = world.Draw(99, 1_000_000, world.Noise, noise);
    return world.Metrics.ToDictionary(m => m, m => MetricCatalog.Find(m)!.Compute(after).Value!.Value - MetricCatalog.Find(m)!.Compute(before).Value!.Value);
}

// The second model's noise at which the true difference has the size that the verdict reports as detectable on average.
double Planted(World world, int rows, string metric)
{
    double low = -0.999, high = 0;   // of 1 + x times the first model's noise
    for (var i = 0; i < 9; i++)
    {
        var middle = (low + high) / 2;
        var noise = world.Noise * (1 + middle);
        var detectable = Run(world, rows, noise, 40, 3)[metric].Average(c => c.DetectableDifference ?? 0);
        if (Math.Abs(TruthSmall(world, noise, metric)) > detectable) low = middle;
        else high = middle;
    }
    return world.Noise * (1 + (low + high) / 2);
}

static double TruthSmall(World world, double noise, string metric)
{
    var (before, after) = world.Draw(98, 200_000, world.Noise, noise);
    var m = MetricCatalog.Find(metric)!;
    return m.Compute(after).Value!.Value - m.Compute(before).Value!.Value;
}
