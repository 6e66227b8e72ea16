using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Randomness;

namespace Attune.Tests.Training;

/// <summary>What a broken engine would do.</summary>
public enum Fault
{
    None,
    MeanOfMicroBatchMeans,
    DivisorOfTheLargestMicroBatch,
    FrozenWeightMoves,
    FrozenStatisticsDrift,
    DropoutInEvaluation,
    RowsLeak,
    EvaluationMovesAWeight,
    MissingGradient,
    StaleTensors,
    GradientNotFinite,
    LateWeightMovesEarly,
    WrongCachedRow,
    NotRestored,
}

/// <summary>A sound model with one planted fault, as it would show from outside.</summary>
internal sealed class FaultyModel(CompiledModel sound, Fault fault, string trained, string frozen) : CompiledModel
{
    private readonly HashSet<EncodedSet> _prepared = [];
    private int _calls;
    private int _largest;

    public override Graph Graph => sound.Graph;

    public override int OutputWidth => sound.OutputWidth;

    public override IReadOnlyList<TrainableWeight> Trainable => sound.Trainable;

    public override double Rounding => sound.Rounding;

    public override double? PrefixRounding => sound.PrefixRounding;

    public override bool Prepare(EncodedSet set, int epoch, Action<int, int>? progress = null, CancellationToken stop = default)
    {
        if (sound.PrefixRounding is not null) _prepared.Add(set);
        return sound.Prepare(set, epoch, progress, stop);
    }

    public override void Forget(EncodedSet set)
    {
        _prepared.Remove(set);
        sound.Forget(set);
    }

    public override double Accumulate(EncodedSet set, ReadOnlySpan<int> rows, Loss loss, double normalizer, in MicroStep position)
    {
        _largest = Math.Max(_largest, rows.Length);
        if (fault == Fault.MeanOfMicroBatchMeans) normalizer = rows.Length * 3;
        if (fault == Fault.DivisorOfTheLargestMicroBatch && position.Index > 0) normalizer *= (double)_largest / rows.Length;
        var sum = sound.Accumulate(set, Seen(set, rows), loss, normalizer, position);
        if (fault == Fault.FrozenStatisticsDrift && position.Mode == TrainingMode.Random) Nudge(frozen);
        return sum;
    }

    public override void Predict(EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs)
    {
        sound.Predict(set, Seen(set, rows), outputs);
        if (fault == Fault.DropoutInEvaluation)
        {
            var stream = new Philox(1, "mask", _calls++, 0);
            for (var i = 0; i < outputs.Length; i++) outputs[i] *= stream.Uniform((ulong)i) < 0.2 ? 0 : 1.25f;
        }
        if (fault == Fault.EvaluationMovesAWeight) Nudge(trained);
        if (fault != Fault.RowsLeak) return;
        var mean = 0f;
        foreach (var value in outputs) mean += value / outputs.Length;
        foreach (ref var value in outputs) value -= 0.01f * mean;
    }

    public override double GradientNorm() => sound.GradientNorm();

    public override void Update(Optimizer optimizer, in UpdateStep update)
    {
        var kept = sound.Capture().Weights;
        sound.Update(optimizer, update);
        if (fault == Fault.FrozenWeightMoves) Nudge(frozen);
        if (fault == Fault.LateWeightMovesEarly && update.Step < Trainable.Max(t => t.FirstStep)) Nudge(Trainable.First(t => t.FirstStep > 0).Name);
        if (fault == Fault.MissingGradient) sound.WriteWeight(trained, kept[trained]);
        if (fault != Fault.StaleTensors) return;
        foreach (var (name, values) in kept) sound.WriteWeight(name, values);
    }

    public override void ClearGradients() => sound.ClearGradients();

    public override void ReadGradient(string weight, Span<float> destination)
    {
        sound.ReadGradient(weight, destination);
        if (weight != trained) return;
        if (fault == Fault.MissingGradient) destination.Clear();
        if (fault == Fault.GradientNotFinite) destination[^1] = float.NaN;
    }

    public override void ReadWeight(string weight, Span<float> destination) => sound.ReadWeight(weight, destination);

    public override void WriteWeight(string weight, ReadOnlySpan<float> source) => sound.WriteWeight(weight, source);

    public override TrainingState Capture() => sound.Capture();

    public override void Restore(TrainingState state)
    {
        if (fault != Fault.NotRestored) sound.Restore(state);
    }

    public override void SaveWeights() => sound.SaveWeights();

    public override void Dispose() => sound.Dispose();

    // Off by one among the rows that were kept.
    private int[] Seen(EncodedSet set, ReadOnlySpan<int> rows)
    {
        var seen = rows.ToArray();
        if (fault != Fault.WrongCachedRow || !_prepared.Contains(set)) return seen;
        for (var i = 0; i < seen.Length; i++) seen[i] = (seen[i] + 1) % set.Rows;
        return seen;
    }

    private void Nudge(string name)
    {
        var values = new float[Graph.Weights[name].Count];
        sound.ReadWeight(name, values);
        values[0] += 1e-3f;
        sound.WriteWeight(name, values);
    }
}
