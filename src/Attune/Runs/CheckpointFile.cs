using System.Globalization;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Attune.Engines;
using Attune.Graphs;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Training;
using Attune.Weights;

namespace Attune.Runs;

/// <summary>
/// A <see cref="LoopState"/> as one safetensors file, written whole or not at all: tensors <c>weight.*</c>, <c>state1.*</c> to <c>state4.*</c>, <c>best.*</c>, <c>average.*</c> keyed by weight
/// name, counters and a SHA-256 over counters and tensors in the metadata.
/// </summary>
public static class CheckpointFile
{
    private const string Prefix = "attune.";
    private const string HashKey = Prefix + "sha256";

    /// <summary>What equal bits depend on besides data and options: versions, SIMD width and threads.</summary>
    public static string Environment(int threads) => string.Create(CultureInfo.InvariantCulture,
        $"attune {typeof(CheckpointFile).Assembly.GetName().Version?.ToString(3)}; .NET {System.Environment.Version.Major}; SIMD {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}; threads {threads}");

    /// <summary>Writes a checkpoint.</summary>
    public static void Write(string path, LoopState state, int threads)
    {
        var store = new WeightStore();
        Add(store, "weight.", state.Current!.Weights);
        for (var i = 0; i < state.Current.States.Count; i++) Add(store, StatePrefix(i), state.Current.States[i]);
        if (state.Best is { } best) Add(store, "best.", best);
        if (state.Average is { } average) Add(store, "average.", average);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Prefix + "environment"] = Environment(threads),
            [Prefix + "step"] = Text(state.Step),
            [Prefix + "epoch"] = Text(state.Epoch),
            [Prefix + "position"] = Text(state.Position),
            [Prefix + "epoch-loss-sum"] = Text(state.EpochLossSum),
            [Prefix + "epoch-loss-count"] = Text(state.EpochLossCount),
            [Prefix + "best-metric"] = state.BestMetric is { } metric ? Text(metric) : "",
            [Prefix + "best-epoch"] = Text(state.BestEpoch),
            [Prefix + "plateau"] = string.Join(' ', Text(state.Plateau.Factor), state.Plateau.Best is { } watched ? Text(watched) : "none", Text(state.Plateau.Waited), Text(state.Plateau.Cooldown)),
            [Prefix + "finished"] = state.Finished ? "1" : "0",
            [Prefix + "event-bytes"] = Text(state.EventBytes),
        };
        metadata[HashKey] = Hash(store, metadata);
        SafetensorsWriter.Write(path, store, metadata);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">Threads of this run.</param>
    /// <param name="allowDrift">Accepts a checkpoint of another environment: the run goes on, but not to the same bits.</param>
    /// <exception cref="DataFormatException">The file is damaged.</exception>
    /// <exception cref="OptionsException">It was written under another environment and <paramref name="allowDrift"/> is off.</exception>
    public static LoopState Read(string path, int threads, bool allowDrift)
    {
        var file = SafetensorsReader.Read(path);
        var damaged = new DataFormatException(path, null, null, "The checkpoint is damaged: its content does not match its hash. Start the run again with --force.");
        string Value(string key) => file.Metadata.TryGetValue(Prefix + key, out var text) ? text : throw damaged;
        if (Value("sha256") != Hash(file.Weights, file.Metadata)) throw damaged;
        var here = Environment(threads);
        if (Value("environment") != here && !allowDrift)
        {
            throw new OptionsException($"--resume: the checkpoint was written under ({Value("environment")}); this is ({here}). The run would not end with the same bits. " +
                "Resume on such a machine, or accept a difference with --allow-drift.");
        }
        try
        {
            return new LoopState
            {
                Step = long.Parse(Value("step"), CultureInfo.InvariantCulture),
                Epoch = int.Parse(Value("epoch"), CultureInfo.InvariantCulture),
                Position = int.Parse(Value("position"), CultureInfo.InvariantCulture),
                EpochLossSum = double.Parse(Value("epoch-loss-sum"), CultureInfo.InvariantCulture),
                EpochLossCount = double.Parse(Value("epoch-loss-count"), CultureInfo.InvariantCulture),
                BestMetric = Value("best-metric") is { Length: > 0 } metric ? double.Parse(metric, CultureInfo.InvariantCulture) : null,
                BestEpoch = int.Parse(Value("best-epoch"), CultureInfo.InvariantCulture),
                Plateau = Plateau(Value("plateau").Split(' ')),
                Finished = Value("finished") == "1",
                EventBytes = long.Parse(Value("event-bytes"), CultureInfo.InvariantCulture),
                Current = new TrainingState(Take(file.Weights, "weight."), [.. Enumerable.Range(0, OptimizerState.Most).Select(i => Take(file.Weights, StatePrefix(i))).TakeWhile(s => s.Count > 0)]),
                Best = Take(file.Weights, "best.") is { Count: > 0 } best ? best : null,
                Average = Take(file.Weights, "average.") is { Count: > 0 } average ? average : null,
            };
        }
        catch (FormatException e)
        {
            throw new DataFormatException(path, null, null, "The checkpoint's counters cannot be read. Start the run again with --force.", e);
        }
    }

    private static PlateauState Plateau(string[] parts) => parts.Length != 4 ? throw new FormatException() : new PlateauState(
        double.Parse(parts[0], CultureInfo.InvariantCulture), parts[1] == "none" ? null : double.Parse(parts[1], CultureInfo.InvariantCulture),
        int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture));

    private static string StatePrefix(int index) => string.Create(CultureInfo.InvariantCulture, $"state{index + 1}.");

    private static void Add(WeightStore store, string prefix, IReadOnlyDictionary<string, float[]> values)
    {
        foreach (var (name, value) in values) store.Add(prefix + name, Tensor.Of(value, value.Length));
    }

    private static Dictionary<string, float[]> Take(WeightStore store, string prefix) => store.All
        .Where(w => w.Name.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(w => w.Name[prefix.Length..], w => w.Value.Data.Span<float>().ToArray(), StringComparer.Ordinal);

    private static string Hash(WeightStore store, IReadOnlyDictionary<string, string> metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in metadata.Where(m => m.Key != HashKey).OrderBy(m => m.Key, StringComparer.Ordinal))
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{key}={value}\n"));
        foreach (var weight in store.All.OrderBy(w => w.Name, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(weight.Name));
            hash.AppendData(weight.Value.Data.Span<byte>());
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Text(IFormattable value) => value is double number ? number.ToString("R", CultureInfo.InvariantCulture) : value.ToString(null, CultureInfo.InvariantCulture);
}
