using System.Diagnostics;
using Attune.Optimizers;

namespace Attune.Benchmarks;

/// <summary>AdamW over one flat range.</summary>
internal static class OptimizerBenchmark
{
    /// <summary>Prints the fastest of some passes in nanoseconds per 16 parameters: with gradients that stay, and with gradients that end.</summary>
    public static void Run(int count)
    {
        foreach (var vanish in (bool[])[false, true])
        {
            float[] w = new float[count], g = new float[count], m = new float[count], v = new float[count];
            for (var i = 0; i < count; i++) (w[i], g[i]) = (MathF.Sin(i), 0.01f * MathF.Cos(i));
            var optimizer = new AdamW();
            var best = long.MaxValue;
            for (var step = 0; step < 5000; step++)
            {
                if (vanish && step == 10) Array.Clear(g);
                var start = Stopwatch.GetTimestamp();
                optimizer.Update(w, g, new OptimizerState(m, v), new UpdateStep(step, 1e-3, 0.01, 1));
                if (step > 3000) best = Math.Min(best, Stopwatch.GetTimestamp() - start);
            }
            Console.WriteLine($"adamw {count}, {(vanish ? "vanished" : "steady")} gradients: {1e9 * best / Stopwatch.Frequency / count * 16:f2} ns per 16 parameters");
        }
    }
}
