namespace Attune.Benchmarks;

/// <summary>A case that is asked for steps.</summary>
internal interface IBenchmark : IDisposable
{
    /// <summary>Mean and median seconds of a step, and the last loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps);
}
