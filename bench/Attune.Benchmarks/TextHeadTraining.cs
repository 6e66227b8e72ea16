using System.Diagnostics;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Optimizers;
using Attune.Options;
using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>
/// A new head on a frozen encoder of MiniLM's size: <c>texthead</c> is 10 epochs over 160 texts of 128 tokens, 16 a step, AdamW, through the real <see cref="TrainingLoop"/> with the
/// frozen prefix kept. A step of this case is the whole training with compiling, and nothing is kept between two.
/// </summary>
internal sealed class TextHeadTraining(int threads) : IBenchmark
{
    private const int Rows = 160;

    private readonly EncodedSet _train = TextTraining.Texts([.. Enumerable.Repeat(128, Rows)]), _validation = TextTraining.Texts([.. Enumerable.Repeat(128, HeadLoop.Batch)]);
    private readonly TextModel _text = TextTraining.Network(classes: 3);   // two classes would have one output

    /// <summary>Mean and median seconds of a training, and the last step's loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var last = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var plan = MethodPlan.For(_text.Graph, new MethodOptions { Name = "head" }, weightDecay: 0.01, l2Sp: 0, new HashSet<string>(StringComparer.Ordinal), output: TextModel.Logits);
            using var model = TorchCompiler.Compile(plan.Adapted, new CompileOptions { Trainable = plan.Trainable, MaxRows = HeadLoop.Batch, Threads = threads, PrefixCache = new PrefixCacheOptions() });
            last = HeadLoop.Run(model, model.PrefixNodes, ["0", "1", "2"], new AdamW(), 2e-5, _train, _validation);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], last);
    }

    /// <summary>Nothing to let go of.</summary>
    public void Dispose() { }
}
