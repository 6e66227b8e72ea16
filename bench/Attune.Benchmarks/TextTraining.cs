using System.Diagnostics;
using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Losses;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Optimizers;
using Attune.Options;
using Attune.Randomness;
using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>
/// Training steps of an encoder of MiniLM's size (6 layers of 384 numbers, 12 heads, 30,522 words, two classes), 16 texts a step, AdamW, through the libtorch engine as a run uses
/// it. <c>text:WHAT:WAY[:FOLDER]</c>, fresh or loaded from a folder: WHAT is <c>full</c>, <c>lora</c> (rank 8 on query and value) or <c>head</c> over texts of 128 tokens, where a step is one update, or <c>epoch</c>, where a step is an
/// epoch over 256 texts of the lengths in <c>W_LENGTHS</c>, put into batches of like lengths; WAY is <c>fp32</c> or <c>bf16</c>. <c>head</c> is 10 epochs over 160 texts with the frozen part kept, loading excluded.
/// </summary>
internal sealed class TextTraining : IBenchmark
{
    private const int Batch = 16, Length = 128, Words = 30522;

    private readonly TorchModel _model;
    private readonly EncodedSet _set;
    private readonly EpochSampler? _sampler;
    private readonly int[] _rows = [.. Enumerable.Range(0, Batch)];
    private readonly Loss _loss = new CrossEntropy();
    private readonly Optimizer _optimizer = new AdamW();
    private long _step;
    private int _epoch;

    /// <summary>Makes the network and compiles it.</summary>
    /// <param name="name">The case.</param>
    /// <param name="threads">Threads of libtorch.</param>
    public TextTraining(string name, int threads)
    {
        if (name.Split(':', 4) is not ["text", var what, var way, .. var folder]) throw new ArgumentException($"There is no case '{name}': text:WHAT:WAY[:FOLDER].");
        var text = folder is [var path] ? TextModel.Load(path, Options) : Network();
        var plan = MethodPlan.For(text.Graph, what == "lora" ? new MethodOptions { Name = "lora", Rank = 8, Alpha = 16, Target = ["*.query.weight", "*.value.weight"] } : new MethodOptions { Name = "full" }, weightDecay: 0.01, l2Sp: 0, text.Fresh.ToHashSet(StringComparer.Ordinal), output: TextModel.Logits);
        _set = what == "epoch" ? Texts(LengthsOf(Environment.GetEnvironmentVariable("W_LENGTHS"))) : Texts([.. Enumerable.Repeat(Length, Batch)]);
        _sampler = what == "epoch" ? EpochSampler.Of(_set, Batch, 1, bucket: true) : null;
        _model = TorchCompiler.Compile(plan.Adapted, new CompileOptions
        {
            Trainable = plan.Trainable,
            MaxRows = Batch,
            Threads = threads,
            Precision = way == "bf16" ? Precision.BFloat16 : Precision.Float32,
        });
    }

    /// <summary>Mean and median seconds of a step, and the last mean loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var last = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            if (_sampler is null) last = Step(_rows);
            else
            {
                var order = _sampler.Epoch(_epoch++);
                for (var first = 0; first < order.Length; first += Batch) last = Step(order.Slice(first, Batch));
            }
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], last);
    }

    private double Step(ReadOnlySpan<int> rows)
    {
        var loss = _model.Accumulate(_set, rows, _loss, Batch, new MicroStep(_step, 0)) / Batch;
        _model.Update(_optimizer, new UpdateStep(_step, 2e-5, 0, 1));
        _step++;
        return loss;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => _model.Dispose();

    /// <summary>An encoder of MiniLM's size with fresh weights and some classes, without dropout.</summary>
    public static TextModel Network(int classes = 2) => TextModel.Create(FreshBert.Config(Words, 6, 384, 12, 512, dropout: 0, padId: 0), Options with { Outputs = classes });

    private static TextLoadOptions Options => new() { Head = TextHead.SequenceClassification, Outputs = 2 };

    private static int[] LengthsOf(string? list) => list is null ? throw new ArgumentException("W_LENGTHS is not set: tokens of each text, with commas.") : [.. list.Split(',').Select(l => int.Parse(l, CultureInfo.InvariantCulture))];

    /// <summary>Texts of some lengths with random words.</summary>
    public static EncodedSet Texts(int[] lengths)
    {
        var starts = new long[lengths.Length + 1];
        for (var i = 0; i < lengths.Length; i++) starts[i + 1] = starts[i] + lengths[i];
        var ids = new int[starts[^1]];
        var random = new Philox(1, "ids");
        for (var i = 0; i < ids.Length; i++) ids[i] = 1 + (int)(random.Uniform((ulong)i) * (Words - 1));
        var source = new TokenSequences(1, ids, null, starts, new TokenPadding(0, 512));
        return new EncodedSet(lengths.Length, [.. FreshBert.Fields.Where(f => f.Value != TokenField.Selected).Select(f => new TokenInput(f.Key, f.Value, source))], Targets.Classes([.. Enumerable.Range(0, lengths.Length).Select(i => i % 2)]));
    }
}
