// The verdict, verified: how often it errs when nothing changed, how often its interval holds the truth, and how often it sees a difference of the size
// that it says it would see. dotnet run -c Release --project bench/verdict-simulation -- [repetitions] [rows,rows,…] [resamples] [null], or -- timing
// "null" leaves the planted part out, which costs most of the time.
using System.Globalization;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.VerdictSimulation;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["timing"])
{
    Timing.Print();
    return;
}
var repetitions = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2000;
var sizes = (args.Length > 1 ? args[1] : "100,1000,10000").Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
var resamples = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1000;
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
        var same = Run(world, rows, 0, repetitions, 1);
        if (args.Length > 3 && args[3] == "null")
        {
            Console.WriteLine($"R {rows,6}  {world.Name,-24} A/A errors " + string.Join("  ", world.Metrics.Select(m => $"{m} {Share(same[m], c => c.Word != Verdict.NoEvidence)}")));
            continue;
        }
        foreach (var metric in world.Metrics)
        {
            var effect = Planted(world, rows, metric);
            var truth = Truth(world, effect, 1_000_000)[metric];
            var planted = Run(world, rows, effect, repetitions, 2)[metric];
            var a = same[metric];
            Console.WriteLine($"R {rows,6}  {world.Name,-24} {metric,-9} A/A errors {Share(a, c => c.Word != Verdict.NoEvidence)}  " +
                $"coverage {Share(planted.Where(c => c.Interval is not null), c => c.Interval!.Value.Contains(truth))}  power {Share(planted, c => c.Word == Verdict.Better)}  " +
                $"no interval {Share(a, c => c.Interval is null)}  (true {truth:0.00000}, reported {planted.Average(c => c.DetectableDifference) ?? 0:0.00000})");
        }
    }
}

static string Share(IEnumerable<MetricComparison> results, Func<MetricComparison, bool> holds) => $"{100.0 * results.Count(holds) / Math.Max(1, results.Count()),5:0.0} %";

// Every metric's comparisons over independent test splits; effect e gives the first model (1 + e) times the world's noise and the second 1 / (1 + e).
Dictionary<string, List<MetricComparison>> Run(World world, int rows, double effect, int count, ulong stream)
{
    var verdicts = new Verdict[count];
    Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
    {
        var (before, after) = world.Draw(stream * 1_000_003 + (ulong)i, rows, world.Noise * (1 + effect), world.Noise / (1 + effect));
        verdicts[i] = VerdictMaker.Compare(before, "before", after, "after", world.Metrics[0], new EvaluationSettings { Seed = (ulong)i, Resamples = resamples });
    });
    return world.Metrics.ToDictionary(m => m, m => verdicts.Select(v => v.Metric == m ? v : v.Others.Single(o => o.Metric == m)).ToList());
}

// The population's difference.
static Dictionary<string, double> Truth(World world, double effect, int rows)
{
    var (before, after) = world.Draw(99, rows, world.Noise * (1 + effect), world.Noise / (1 + effect));
    return world.Metrics.ToDictionary(m => m, m => MetricCatalog.Find(m)!.Compute(after).Value!.Value - MetricCatalog.Find(m)!.Compute(before).Value!.Value);
}

// The effect at which the true difference has the size that the verdict reports as detectable on average.
double Planted(World world, int rows, string metric)
{
    double low = 0, high = 4;
    for (var i = 0; i < 9; i++)
    {
        var middle = (low + high) / 2;
        var detectable = Run(world, rows, middle, rows > 2000 ? 10 : 40, 3)[metric].Average(c => c.DetectableDifference);
        if (detectable is { } size && Math.Abs(Truth(world, middle, 100_000)[metric]) > size) high = middle;
        else low = middle;
    }
    return (low + high) / 2;
}
