using System.Globalization;
using Attune.Benchmarks;

// "step CASE N [THREADS]" measures one case, "image FILE" the parts of preparing a picture, "memory CASE N" takes N steps in a process of their own and prints seconds and
// peak MB, "weights NETWORK FILE" writes a checkpoint, "onnx write|step FILE" makes a file and takes a first step from it; without arguments cases come in lines on stdin, as the peer takes them:
// "CASE N" -> "mean_s median_s last_loss peak_rss_MB cpu_s" for N steps; "drop CASE"; "quit".
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var threads = int.Parse(Environment.GetEnvironmentVariable("W_THREADS") ?? "1", CultureInfo.InvariantCulture);
var live = new Dictionary<string, IBenchmark>();
if (args is ["step", var name, var count, ..])
{
    if (args.Length > 3) threads = int.Parse(args[3], CultureInfo.InvariantCulture);
    using var benchmark = new StepBenchmark(name, threads);
    benchmark.Run(2000);
    var (mean, median, loss) = benchmark.Run(int.Parse(count, CultureInfo.InvariantCulture));
    Console.WriteLine($"{name}: mean {mean * 1e6:f2} µs, median {median * 1e6:f2} µs, fastest tenth {benchmark.FastestTenth * 1e6:f2} µs per step, last loss {loss:g6}");
    return 0;
}
if (args is ["adam", var size])
{
    OptimizerBenchmark.Run(int.Parse(size, CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["image", var picture])
{
    new ImageBenchmark(picture).Profile();
    return 0;
}
if (args is ["encoder", var encoderFolder])
{
    TextTraining.Network().Save(encoderFolder);
    return 0;
}
if (args is ["weights", var network, var checkpoint])
{
    VisionTraining.WriteWeights(network, checkpoint);
    return 0;
}
if (args is ["wordpiece", var corpus, var tokenizerFolder])
{
    Attune.Text.Training.WordPieceTrainer.Train(File.ReadLines(corpus)).Save(tokenizerFolder);
    return 0;
}
if (args is ["onnx", "write", var written])
{
    OnnxFirstStep.Write(written);
    return 0;
}
if (args is ["onnx", "step", var read])
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{OnnxFirstStep.Run(read, threads):g9}"));
    return 0;
}
if (args is ["memory", var once, var some])
{
    using var benchmark = Create(once, threads);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{benchmark.Run(int.Parse(some, CultureInfo.InvariantCulture)).Mean:g6} {StepBenchmark.PeakMegabytes()}"));
    return 0;
}
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    if (words.Length == 0) continue;
    if (words[0] == "quit") break;
    if (words[0] == "drop")
    {
        if (live.Remove(words[1], out var old)) old.Dispose();
        Console.WriteLine("ok");
        continue;
    }
    try
    {
        if (!live.TryGetValue(words[0], out var benchmark)) live.Add(words[0], benchmark = Create(words[0], threads));
        var before = Environment.CpuUsage.TotalTime;
        var (mean, median, loss) = benchmark.Run(int.Parse(words[1], CultureInfo.InvariantCulture));
        Console.WriteLine($"{mean:g6} {median:g6} {loss:g9} {StepBenchmark.PeakMegabytes()} {(Environment.CpuUsage.TotalTime - before).TotalSeconds / int.Parse(words[1], CultureInfo.InvariantCulture):g4}");
    }
    catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException or IOException or Attune.DataFormatException)
    {
        Console.WriteLine($"error {e.Message.Split('\n')[0]}");
    }
}
foreach (var benchmark in live.Values) benchmark.Dispose();
return 0;

static IBenchmark Create(string name, int threads) => name switch
{
    _ when name.StartsWith("mlp", StringComparison.Ordinal) => new StepBenchmark(name, threads),
    _ when name.StartsWith("image:", StringComparison.Ordinal) => new ImageBenchmark(name["image:".Length..]),
    _ when name.StartsWith("train:", StringComparison.Ordinal) => new VisionTraining(name, threads),
    _ when name.StartsWith("tokenize:", StringComparison.Ordinal) => new TokenizeBenchmark(name),
    "adamw124m" or "triad" => new AdamWUpdate(name, threads),
    "texthead" => new TextHeadTraining(threads),
    _ when name.StartsWith("text:", StringComparison.Ordinal) => new TextTraining(name, threads),
    _ when name.StartsWith("head:", StringComparison.Ordinal) => new HeadTraining(name, threads),
    _ when name.StartsWith("forward:", StringComparison.Ordinal) => new VisionForward(name, threads),
    _ when name.StartsWith("interpreter:", StringComparison.Ordinal) || name.StartsWith("hand:", StringComparison.Ordinal) => new InterpreterBenchmark(name, threads),
    _ => throw new ArgumentException($"There is no case '{name}': mlp…, image:FILE, train:WAY:FILE, text:WHAT:WAY, texthead, adamw124m, triad, tokenize:TOKENIZER|TEXTS, head:FILE, forward:NETWORK:ROWS, interpreter:WAY, hand:WAY."),
};
