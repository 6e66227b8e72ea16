using System.Runtime.CompilerServices;
using Attune.Randomness;

namespace Attune.Evaluation;

/// <summary>
/// Multinomial resamples of rows, as counts. Resample b is addressed by (seed, b), so threads change nothing and paired sets see the same rows.
/// </summary>
internal static class Bootstrap
{
    /// <summary>Calls a worker for every resample; each thread makes its own worker.</summary>
    /// <param name="rows">Rows R to draw from, R times with replacement.</param>
    /// <param name="settings">Seed, resamples, threads.</param>
    /// <param name="newWorker">Makes a worker that gets resample number and counts [R], valid during the call.</param>
    public static void Run(int rows, EvaluationSettings settings, Func<Action<int, int[]>> newWorker)
    {
        var threads = Math.Min(settings.Threads, settings.Resamples);
        if (threads == 1) Work(0);
        else Parallel.For(0, threads, Work);

        void Work(int thread)
        {
            var worker = newWorker();
            var counts = new int[rows];
            for (var b = thread; b < settings.Resamples; b += threads)
            {
                Draw(new Philox(settings.Seed, "bootstrap", b), counts);
                worker(b, counts);
            }
        }
    }

    /// <summary>Counts of R draws out of R rows; 32 random bits a draw, a bias below R·2⁻³².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Draw(Philox stream, int[] counts)
    {
        Array.Clear(counts);
        var rows = (ulong)counts.Length;
        var left = counts.Length;
        for (var block = 0UL; left > 0; block++, left -= 4)
        {
            var (a, b, c, d) = stream.Block(block);
            counts[(int)(a * rows >> 32)]++;
            if (left > 1) counts[(int)(b * rows >> 32)]++;
            if (left > 2) counts[(int)(c * rows >> 32)]++;
            if (left > 3) counts[(int)(d * rows >> 32)]++;
        }
    }
}
