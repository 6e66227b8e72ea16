using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Tasks;

namespace Attune.Training;

/// <summary>
/// The one loop. It shuffles, accumulates exactly (every micro-batch is divided by the count of the whole step), clips, updates, validates after each epoch,
/// keeps the best weights (or the best of their moving average), stops early and hands out its state for checkpoints.
/// </summary>
public sealed class TrainingLoop
{
    private readonly CompiledModel _model;
    private readonly LearningTask _task;
    private readonly TrainingSettings _settings;
    private readonly EncodedSet _train;
    private readonly EncodedSet _validation;
    private readonly ScoredSetFactory _score;
    private readonly EpochSampler _sampler;
    private readonly TokenSource? _tokens;   // where passes are limited by tokens
    private readonly float[] _outputs;
    private readonly float[]? _judged;   // where outputs are too many to be kept
    private int _preparedEpoch;
    private readonly int[] _validationRows;
    private readonly int[] _passed;
    private readonly EmbeddingAttack? _attack;
    private int[] _labels = [];
    private float[] _values = [];
    private readonly int _lastThaw;   // epoch with which the last weights join
    private WeightAverage? _average;
    private Dictionary<string, float[]>? _best;   // one set of arrays for the whole run: fresh ones each epoch cost more than the copying

    /// <summary>A loop over a compiled model.</summary>
    /// <param name="model">The model; its weights are the starting point.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="settings">Loss, optimizer, schedule, sizes.</param>
    /// <param name="train">Training rows with targets.</param>
    /// <param name="validation">Validation rows with targets; steer early stopping only.</param>
    /// <param name="score">Turns validation predictions into what metrics read.</param>
    public TrainingLoop(CompiledModel model, LearningTask task, TrainingSettings settings, EncodedSet train, EncodedSet validation, ScoredSetFactory score)
    {
        if (train.Targets is null || validation.Targets is null) throw new ArgumentException("Training and validation rows need targets.");
        if (train.Rows == 0 || validation.Rows == 0) throw new ArgumentException("Training and validation need at least one row each.");
        (_model, _task, _settings, _train, _validation, _score) = (model, task, settings, train, validation, score);
        _sampler = EpochSampler.Of(train, settings.BatchSize, settings.Seed, settings.BucketByLength);
        _tokens = settings.MicroBatchTokens > 0 ? train.Inputs.OfType<TokenInput>().FirstOrDefault()?.Source : null;
        _validationRows = new int[validation.Rows];
        for (var i = 0; i < _validationRows.Length; i++) _validationRows[i] = i;
        if (!settings.Loss.CouplesRows && OutputPieces.Of(validation, _validationRows, model.OutputWidth).Count > 1) _judged = new float[(long)validation.Units * task.PredictionWidth];
        _outputs = _judged is null ? new float[(long)validation.Units * model.OutputWidth] : [];
        _lastThaw = (int)(model.Trainable.Select(t => t.FirstStep).DefaultIfEmpty(0).Max() / StepsPerEpoch(train.Rows, settings.BatchSize));
        if (settings.Loss.CouplesRows && settings.MicroBatchSize < settings.BatchSize)
            throw new OptionsException($"training.micro-batch-size: the loss '{settings.Loss.Name}' compares the rows of a batch with each other, so micro-batches would change what is minimised. Leave it at the batch size; training.gradient-checkpointing saves memory instead.");
        if (settings.Loss.NeedsTeacher && train.Targets.Teacher is null) throw new ArgumentException($"The loss '{settings.Loss.Name}' needs a teacher's outputs beside the training targets.");
        var passed = settings.BatchSize * settings.Loss.ForwardPasses;
        _passed = new int[passed];
        if (settings.Loss.ForwardPasses > 1 && train.UnitStarts is not null) throw new OptionsException("objective.r-drop: compares two passes of one output a row; these rows have an output a word. Leave it at 0.");
        if (settings.FgmEpsilon > 0) _attack = new EmbeddingAttack(model, settings.FgmEpsilon);
    }

    /// <summary>The same, with validation outputs scored as the task says.</summary>
    /// <param name="model">The model; its weights are the starting point.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="settings">Loss, optimizer, schedule, sizes.</param>
    /// <param name="train">Training rows with targets.</param>
    /// <param name="validation">Validation rows with targets; steer early stopping only.</param>
    public TrainingLoop(CompiledModel model, LearningTask task, TrainingSettings settings, EncodedSet train, EncodedSet validation)
        : this(model, task, settings, train, validation, outputs =>
        {
            var predictions = new float[(long)validation.Units * task.PredictionWidth];   // [U, K] or [U, 1]
            task.Judge(outputs, validation.Targets!.Labels, predictions);
            return ScoredSet.Of(task, validation.Targets!, predictions);
        })
    {
    }

    /// <summary>Optimizer steps per epoch; the last one may be smaller.</summary>
    public static int StepsPerEpoch(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;

    /// <summary>Trains from the beginning to the end without checkpoints; the best weights are in the model afterwards.</summary>
    /// <param name="callbacks">Watchers.</param>
    /// <returns>The final state.</returns>
    /// <exception cref="TrainingException">The loss or gradient is no longer a number.</exception>
    public LoopState Run(params IReadOnlyList<Callback> callbacks)
        => Run(null, callbacks, _ => { }, TimeProvider.System, CancellationToken.None);

    /// <summary>
    /// Trains from <paramref name="state"/> until the epochs are done, patience runs out or <paramref name="stop"/> is signalled, and leaves the best weights in the
    /// model when finished.
    /// </summary>
    /// <param name="state">Null starts afresh.</param>
    /// <param name="callbacks">Watchers.</param>
    /// <param name="checkpoint">Receives the state when a checkpoint is due, and at the end.</param>
    /// <param name="clock">Decides when a checkpoint is due; never what is computed.</param>
    /// <param name="stop">Ends the loop after the current step.</param>
    /// <returns>The final state; <see cref="LoopState.Finished"/> is false when it was stopped.</returns>
    /// <exception cref="TrainingException">The loss or gradient is no longer a number.</exception>
    public LoopState Run(LoopState? state, IReadOnlyList<Callback> callbacks, Action<LoopState> checkpoint, TimeProvider clock, CancellationToken stop)
    {
        if (state?.Current is { } current) _model.Restore(current);
        _best = state?.Best is { } known ? Copy(known) : null;
        _preparedEpoch = -1;
        _average = _settings.EmaDecay > 0 ? new WeightAverage(_model, _settings.EmaDecay, state?.Average) : null;
        var at = Progress.Of(state ?? new LoopState());
        Callback[] watchers = [.. callbacks];
        var total = (long)_settings.Epochs * StepsPerEpoch(_train.Rows, _settings.BatchSize);
        var saved = clock.GetTimestamp();
        var pause = _settings.CheckpointSeconds;
        double? lastLoss = null;
        while (!at.Finished)
        {
            if (stop.IsCancellationRequested)
            {
                var stopped = Snapshot(at);
                checkpoint(stopped);
                return stopped;
            }
            if (clock.GetElapsedTime(saved).TotalSeconds >= pause)
            {
                var start = clock.GetTimestamp();
                checkpoint(Snapshot(at));
                saved = clock.GetTimestamp();
                // A large network's checkpoint takes seconds: it may cost one part in twenty of the time, unless every step is to be kept.
                if (pause > 0) pause = Math.Max(_settings.CheckpointSeconds, 19 * clock.GetElapsedTime(start).TotalSeconds);
            }
            if (at.Epoch != _preparedEpoch && !Prepare(at.Epoch, watchers, stop)) continue;
            at = Advance(at, total, watchers, ref lastLoss);
        }
        if (_best is { } best) Put(best);
        var finished = Snapshot(at);
        checkpoint(finished);
        return finished;
    }

    /// <summary>Computes ahead what the epoch needs; false when it was stopped.</summary>
    private bool Prepare(int epoch, Callback[] watchers, CancellationToken stop)
    {
        Action<int, int> Report(string what) => (done, all) =>
        {
            foreach (var watcher in watchers) watcher.Progress(what, done, all);
        };
        if (!_model.Prepare(_train, epoch, Report("computing features of the training rows"), stop)) return false;
        if (!_model.Prepare(_validation, -1, Report("computing features of the validation rows"), stop)) return false;
        _preparedEpoch = epoch;
        _model.Expect(_train, _sampler.Epoch(epoch)[..Math.Min(_settings.BatchSize, _train.Rows)], epoch);
        return true;
    }

    /// <summary>The counters of a <see cref="LoopState"/>, without garbage at each step.</summary>
    private readonly record struct Progress(long Step, int Epoch, int Position, double EpochLossSum, double EpochLossCount, double? BestMetric, int BestEpoch, bool Finished, PlateauState Plateau)
    {
        public static Progress Of(LoopState state) => new(state.Step, state.Epoch, state.Position, state.EpochLossSum, state.EpochLossCount, state.BestMetric, state.BestEpoch, state.Finished, state.Plateau);
    }

    private LoopState Snapshot(in Progress at) => new()
    {
        Step = at.Step,
        Epoch = at.Epoch,
        Position = at.Position,
        EpochLossSum = at.EpochLossSum,
        EpochLossCount = at.EpochLossCount,
        BestMetric = at.BestMetric,
        BestEpoch = at.BestEpoch,
        Finished = at.Finished,
        Plateau = at.Plateau,
        Current = _model.Capture(),
        Average = _average?.Copy(),
        Best = _best is null ? null : Copy(_best),
    };

    /// <summary>One optimizer step, and the validation when it was the epoch's last.</summary>
    private Progress Advance(Progress state, long total, ReadOnlySpan<Callback> callbacks, ref double? lastLoss)
    {
        var order = _sampler.Epoch(state.Epoch);
        var rows = order.Slice(state.Position, Math.Min(_settings.BatchSize, order.Length - state.Position));
        var rate = _settings.LearningRate * _settings.Schedule.Factor(state.Step) * state.Plateau.Factor;
        var next = order[Math.Min(state.Position + rows.Length, order.Length)..Math.Min(state.Position + rows.Length + _settings.BatchSize, order.Length)];
        _model.Expect(_train, next, state.Epoch);
        var (sum, count, norm) = TrainStep(rows, state.Step, state.Epoch, rate);
        var loss = sum / count;
        if (!double.IsFinite(loss) || norm is { } n && !double.IsFinite(n)) throw Diverged(state, rate, loss, lastLoss);
        lastLoss = loss;
        state = state with
        {
            Step = state.Step + 1,
            Position = state.Position + rows.Length,
            EpochLossSum = state.EpochLossSum + sum,
            EpochLossCount = state.EpochLossCount + count,
        };
        var report = new StepReport(state.Step, total, state.Epoch, loss, rate);
        foreach (var callback in callbacks) callback.Step(report);
        return state.Position < order.Length ? state : EndEpoch(state, rate, norm, callbacks);
    }

    private (double Sum, double Count, double? Norm) TrainStep(ReadOnlySpan<int> rows, long step, int epoch, double rate)
    {
        var count = LossOf.Count(_settings.Loss, _train, LossOf.Passes(_settings.Loss, rows, _passed), epoch, ref _labels, ref _values);
        if (!(count > 0)) throw new TrainingException($"Step {step}: none of its {rows.Length} rows counts for the loss (all weights are 0 or all labels masked).", step);
        var sum = Accumulate(rows, count, step, epoch);
        if (_attack is { } attack && attack.Enter(_model))
        {
            Accumulate(rows, count, step, epoch);   // the same random numbers: the same thinned network is attacked and trained
            attack.Leave(_model);
        }
        double? norm = null;
        var scale = 1f;
        if (_settings.MaxGradientNorm > 0)
        {
            norm = _model.GradientNorm(step);
            if (norm > _settings.MaxGradientNorm) scale = (float)(_settings.MaxGradientNorm / (norm.Value + 1e-6));   // torch's clip_grad_norm_
            if (!double.IsFinite(norm.Value)) return (sum, count, norm);
        }
        _model.Update(_settings.Optimizer, new UpdateStep(step, rate, 0, scale));
        _average?.Add(_model, step);
        return (sum, count, norm);
    }

    private double Accumulate(ReadOnlySpan<int> rows, double count, long step, int epoch)
    {
        var sum = 0.0;
        for (int start = 0, micro = 0; start < rows.Length; micro++)
        {
            var part = rows.Slice(start, PassRows(rows[start..], epoch));
            start += part.Length;
            sum += _model.Accumulate(_train, LossOf.Passes(_settings.Loss, part, _passed), _settings.Loss, count, new MicroStep(step, micro, Epoch: epoch));
        }
        return sum;
    }

    /// <summary>Rows of the next pass.</summary>
    private int PassRows(ReadOnlySpan<int> rows, int view)
    {
        var most = Math.Min(_settings.MicroBatchSize, rows.Length);
        if (_tokens is null || _settings.Loss.CouplesRows) return most;
        var (count, longest) = (0, 0);
        while (count < most)
        {
            longest = Math.Max(longest, _tokens.LongestOf(rows[count], view));
            if (count > 0 && (count + 1L) * _tokens.PerRow * _tokens.Padding.LengthFor(longest) > _settings.MicroBatchTokens) break;
            count++;
        }
        return count;
    }

    private Progress EndEpoch(Progress state, double rate, double? norm, ReadOnlySpan<Callback> callbacks)
    {
        _average?.Enter(_model);
        var (validationLoss, metric) = Validate();
        var better = metric is { } value && double.IsFinite(value)
            && (state.BestMetric is not { } best || (_settings.Metric.HigherIsBetter ? value > best : value < best));
        var isBest = better || _best is null;
        if (isBest) KeepBest();
        _average?.Leave(_model);
        var report = new EpochReport(state.Epoch, state.Step, state.EpochLossSum / state.EpochLossCount, validationLoss, metric, isBest, rate, norm);
        foreach (var callback in callbacks) callback.Epoch(report);
        var bestEpoch = isBest ? state.Epoch : state.BestEpoch;
        var outOfPatience = _settings.Patience > 0 && state.Epoch - Math.Max(bestEpoch, _lastThaw) >= _settings.Patience;
        return state with
        {
            Epoch = state.Epoch + 1,
            Position = 0,
            EpochLossSum = 0,
            EpochLossCount = 0,
            BestMetric = better ? metric : state.BestMetric,
            BestEpoch = bestEpoch,
            Plateau = metric is { } observed ? _settings.Schedule.Observe(state.Plateau, observed, _settings.Metric.HigherIsBetter) : state.Plateau,
            Finished = outOfPatience || state.Epoch + 1 >= _settings.Epochs,
        };
    }

    private (double Loss, double? Metric) Validate()
    {
        var measured = _settings.Loss.Measured;
        if (_judged is not null)
        {
            var (losses, units) = Scorer.Predict(_model, _validation, _validationRows, _task, _judged, measured);
            return (losses / units, _settings.Metric.Compute(ScoredSet.Of(_task, _validation.Targets!, _judged)).Value);
        }
        _model.Predict(_validation, _validationRows, _outputs);
        var targets = _validation.Targets!;
        var view = new LossTargets { Labels = targets.Labels, Values = targets.Values, ValueWidth = targets.Width, Rows = targets.Rows };
        // Where rows are compared with each other, a batch is measured as one is learned: the loss of the whole split would be another number.
        var batch = measured.CouplesRows ? Math.Max(1, Math.Min(_settings.BatchSize, _validation.Rows)) * (int)((long)targets.Rows / _validation.Rows) : targets.Rows;
        var (sum, count) = (0.0, 0.0);
        for (var start = 0; start < targets.Rows; start += batch)
        {
            var part = view.Slice(start, Math.Min(batch, targets.Rows - start));
            sum += measured.Sum(_outputs.AsSpan(start * _model.OutputWidth, part.Rows * _model.OutputWidth), _model.OutputWidth, part, [], 1);
            count += measured.Count(part);
        }
        return (sum / count, _score(_outputs) is { } scored ? _settings.Metric.Compute(scored).Value : null);
    }

    private void KeepBest()
    {
        if (_best is null) _best = Copy(_model.Capture().Weights);
        else foreach (var (name, values) in _best) _model.ReadWeight(name, values);
    }

    private static Dictionary<string, float[]> Copy(IReadOnlyDictionary<string, float[]> weights)
        => weights.ToDictionary(w => w.Key, w => w.Value.ToArray(), StringComparer.Ordinal);

    private void Put(IReadOnlyDictionary<string, float[]> weights)
    {
        foreach (var (name, values) in weights) _model.WriteWeight(name, values);
    }

    private TrainingException Diverged(in Progress state, double rate, double loss, double? lastLoss)
    {
        var last = lastLoss is { } finite ? string.Create(CultureInfo.InvariantCulture, $"the last finite loss was {finite:G6}") : "no step had a finite loss";
        var cause = rate > 0.01
            ? string.Create(CultureInfo.InvariantCulture, $"The learning rate {rate:G3} is high: try --learning-rate {rate / 10:G2}.")
            : _settings.MaxGradientNorm == 0 ? "Try --set training.max-gradient-norm=1, or a lower learning rate." : "Look for extreme values in the columns (attune inspect DATA), or lower the learning rate.";
        return new TrainingException(string.Create(CultureInfo.InvariantCulture,
            $"Step {state.Step} (epoch {state.Epoch + 1}): the loss is {loss}; {last}. {cause}"), state.Step, lastLoss);
    }
}

/// <summary>Turns raw validation outputs [R, outputs] into what metrics read.</summary>
public delegate ScoredSet? ScoredSetFactory(ReadOnlySpan<float> outputs);
