using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Optimizers;
using Attune.Options;

namespace Attune.Benchmarks;

/// <summary>
/// <c>adamw124m</c>: one AdamW update of GPT-2's 124 million weights through the libtorch engine, the clearing of the gradients included. <c>triad</c>: a = b + s·c over arrays as long,
/// on as many threads; a step is as long as moving the update's bytes takes at that pace (read weights, gradients and two moments, write all four: 32 bytes a weight; a triad moves 12).
/// </summary>
internal sealed class AdamWUpdate : IBenchmark
{
    private const double UpdateBytes = 32, TriadBytes = 12;

    private readonly TorchModel? _model;
    private readonly Optimizer _optimizer = new AdamW();
    private readonly float[][] _arrays = [];
    private readonly int _threads;
    private long _step;

    /// <summary>Makes the model, or the arrays.</summary>
    public AdamWUpdate(string name, int threads)
    {
        _threads = threads;
        const int weights = 124_439_808;
        if (name == "triad")
        {
            _arrays = [new float[weights], new float[weights], new float[weights]];
            for (var i = 0; i < weights; i++) (_arrays[1][i], _arrays[2][i]) = (i, 1 - i);
            return;
        }
        var text = TextModel.Create(TextConfig.Parse("""{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}"""), new TextLoadOptions { Head = TextHead.CausalLanguageModel, SelectsTokens = true });
        var plan = MethodPlan.For(text.Graph, new MethodOptions { Name = "full" }, weightDecay: 0.01, l2Sp: 0, new HashSet<string>(StringComparer.Ordinal), output: TextModel.Logits);
        _model = TorchCompiler.Compile(plan.Adapted, new CompileOptions { Trainable = plan.Trainable, MaxRows = 1, Threads = threads });
    }

    /// <summary>Mean and median seconds of an update, and the number of updates.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            if (_model is null) Triad();
            else _model.Update(_optimizer, new UpdateStep(_step++, 1e-4, 0, 1));
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds * (_model is null ? UpdateBytes / TriadBytes : 1);
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], _step);
    }

    private void Triad()
    {
        const int chunk = 1 << 16;
        var length = _arrays[0].Length;
        Parallel.For(0, (length + chunk - 1) / chunk, new ParallelOptions { MaxDegreeOfParallelism = _threads }, i =>
        {
            var size = Math.Min(chunk, length - i * chunk);
            var a = MemoryMarshal.Cast<float, Vector512<float>>(_arrays[0].AsSpan(i * chunk, size));
            var b = MemoryMarshal.Cast<float, Vector512<float>>(_arrays[1].AsSpan(i * chunk, size));
            var c = MemoryMarshal.Cast<float, Vector512<float>>(_arrays[2].AsSpan(i * chunk, size));
            var s = Vector512.Create(3f);
            for (var k = 0; k < a.Length; k++) a[k] = b[k] + s * c[k];
        });
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => _model?.Dispose();
}
