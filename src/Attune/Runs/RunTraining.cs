using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Evaluation;
using Attune.Export;
using Attune.Graphs;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Options;
using Attune.Prediction;
using Attune.Reports;
using Attune.Tasks;
using Attune.Training;
using System.Text.Json.Nodes;

namespace Attune.Runs;

/// <summary>Runs what was prepared: self-test, training, judging on the test split, saving. One per run.</summary>
internal sealed class RunTraining : IDisposable
{
    private const int PredictionRows = 1024;
    private readonly PreparedRun _run;
    private readonly RunRequest _request;
    private readonly CompiledModel _model;
    private readonly SplitScorer _validation;
    private readonly SplitScorer _test;

    private RunTraining(PreparedRun run, RunRequest request)
    {
        (_run, _request) = (run, request);
        _validation = new SplitScorer(run.Task, run.Validation, run.Splits.Validation);
        _test = new SplitScorer(run.Task, run.Test, run.Splits.Test);
        _model = Compile(run.Network, run.Trainable);
    }

    /// <summary>Compiles, runs the self-test, and tells the plan.</summary>
    public static RunTraining Start(PreparedRun run, RunRequest request)
    {
        var training = new RunTraining(run, request);
        try
        {
            training.Check();
            return training;
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    /// <summary>Trains from <paramref name="state"/> (null: from the beginning), judges and saves.</summary>
    public RunResult Finish(RunFolder folder, JsonObject run, LoopState? state)
    {
        if (state?.Current is { } current) DemandFit(current, folder);
        Phase("training");
        var total = (long)_run.Settings.Epochs * TrainingLoop.StepsPerEpoch(_run.Train.Rows, _run.Settings.BatchSize);
        var events = new EventLog(folder.EventsFile, state?.EventBytes ?? 0, total);
        var loop = new TrainingLoop(_model, _run.Task, _run.Settings, _run.Train, _run.Validation, outputs => _validation.Score(outputs));
        state = loop.Run(state, [.. _request.Callbacks, events], s =>
        {
            events.Flush();
            CheckpointFile.Write(folder.CheckpointFile, s with { EventBytes = events.Bytes }, _run.Options.Training.Threads);
        }, _request.Clock, _request.Stop);
        if (!state.Finished)
        {
            folder.WriteRun(run, "interrupted");
            return new RunResult(folder.Path, false, null, null);
        }
        Phase("evaluating");
        var (verdict, evaluation) = Judge();
        Phase("saving");
        Save(folder, run, state, verdict, evaluation);
        return new RunResult(folder.Path, true, verdict, evaluation);
    }

    private void DemandFit(TrainingState state, RunFolder folder)
    {
        var fits = _model.Trainable.All(t => state.Weights.TryGetValue(t.Name, out var values) && values.Length == _run.Network.Weights[t.Name].Count)
            && state.Weights.All(w => _run.Network.Weights.TryGet(w.Key, out var weight) && weight.Count == w.Value.Length);
        if (!fits) throw new DataFormatException(folder.CheckpointFile, null, null, "The checkpoint belongs to another run: its weights do not fit this network. Put the right one back, or start again with --force.");
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private void Check()
    {
        Phase("self-test");
        IReadOnlyList<SelfTestCheck> checks = [.. SelfTest.Run(_model, _run.Train, _run.Settings), .. AdapterCheck.Run(_run.Method, _run.Train, graph => Compile(graph, []))];
        SelfTest.Demand(checks);
        foreach (var callback in _request.Callbacks)
        {
            foreach (var note in _run.Notes) callback.Note(note);
            callback.Plan(RunPlan.Lines(_run, Estimate()));
            callback.SelfTested(checks);
        }
    }

    /// <summary>Longest time training can take, from a few steps that are undone again.</summary>
    private TimeSpan Estimate()
    {
        const int steps = 8;
        var before = _model.Capture();
        var order = new EpochSampler(_run.Train.Rows, _run.Settings.Seed).Epoch(0)[..Math.Min(_run.Settings.MicroBatchSize, _run.Train.Rows)].ToArray();
        var count = LossOf.Count(_run.Settings.Loss, _run.Train.Targets!, order);
        long start = 0;
        for (var i = 0; i < steps; i++)
        {
            if (i == steps / 2) start = _request.Clock.GetTimestamp();   // the first half warms up
            _model.Accumulate(_run.Train, order, _run.Settings.Loss, count, new MicroStep(i, 0));
            _model.Update(_run.Settings.Optimizer, new UpdateStep(i, 0, 0, 1));
        }
        var perRow = _request.Clock.GetElapsedTime(start) / (steps / 2 * order.Length);
        _model.Restore(before);
        return perRow * ((double)_run.Train.Rows + _run.Validation.Rows / 3.0) * _run.Settings.Epochs;
    }

    private DenseModel Compile(Graph graph, IReadOnlyList<TrainableWeight> trainable, bool headOnly = false)
    {
        try
        {
            return DenseCompiler.Compile(graph, new CompileOptions
            {
                Trainable = trainable,
                MaxRows = Math.Max(_run.Settings.MicroBatchSize, PredictionRows),
                Threads = _run.Options.Training.Threads,
                Seed = (ulong)_run.Options.Training.Seed,
                FreezeBatchNorm = headOnly || _run.Method.FreezeBatchNorm,
            });
        }
        catch (NotSupportedException e)
        {
            throw new OptionsException($"model: no engine can run this network: {e.Message}");
        }
    }

    private (Verdict Verdict, EvaluationReport Evaluation) Judge()
    {
        var settings = new EvaluationSettings { Seed = (ulong)_run.Options.Training.Seed, Resamples = _run.Options.Evaluation.ResamplesFor(_run.Test.Rows, _run.Task.PredictionWidth), Threads = Environment.ProcessorCount };
        var after = _test.Score(_model);
        var (before, name, baselines) = Before(settings);
        var verdict = VerdictMaker.Compare(before, name, after, "tuned", _run.Settings.Metric.Name, settings);
        var train = new SplitScorer(_run.Task, _run.Train, _run.Splits.Train.Rows).Score(_model);
        var splits = new Dictionary<string, SplitEvaluation>
        {
            ["test"] = Evaluator.Evaluate(after, settings, _run.Task, RowView.Of(_run.Splits.Test, [.. _run.Features.Select(f => f.Name)])),
            ["validation"] = Evaluator.Evaluate(_validation.Score(_model), settings.WithoutIntervals, _run.Task),
            ["train"] = Evaluator.Evaluate(train, settings.WithoutIntervals, _run.Task),
        };
        return (verdict, EvaluationReport.Of(_run.Task, splits, baselines));
    }

    /// <summary>What the user had before (promise 1): the earlier model, a new head on it, or the better baseline by validation.</summary>
    private (ScoredSet Test, string Name, IReadOnlyDictionary<string, BaselineEvaluation>? Baselines) Before(EvaluationSettings evaluation)
    {
        if (_run.Earlier is null) return BaselineComparison.Make(_run, evaluation);
        if (!_run.HeadReplaced)
        {
            using var earlier = Compile(_run.Earlier.Network, []);
            return (_test.Score(earlier), _run.Options.Model.Path!, null);
        }
        Phase("training the head alone for comparison");
        var network = _run.Network with { Weights = _run.Network.Weights.DeepCopy() };
        using var head = Compile(network, [.. _run.Trainable.Where(t => _run.Fresh.Contains(t.Name))], headOnly: true);
        // Its own rate, not that of a full fine-tune: a head trained too gently would make the tuned model look better than it is.
        var settings = AutoSettings.For(_run.Options with { Method = new MethodOptions { Name = "head" } }, _run.Task, _run.Train.Rows, RunPreparation.ClassCounts(_run.Task, _run.Train));
        var loop = new TrainingLoop(head, _run.Task, settings, _run.Train, _run.Validation, outputs => _validation.Score(outputs));
        loop.Run(null, [], _ => { }, _request.Clock, CancellationToken.None);
        return (_test.Score(head), "head-only", null);
    }

    private void Save(RunFolder folder, JsonObject run, LoopState state, Verdict verdict, EvaluationReport evaluation)
    {
        var start = _run.Network.Weights.DeepCopy();
        _model.SaveWeights();
        var network = _run.Method.Merge(_run.Network);
        var card = ModelCard.Create(_run, verdict, evaluation);
        var model = new ModelFolder(network, _run.Encoder, _run.Task, _run.Features, card);
        Directory.CreateDirectory(folder.ModelPath);
        _run.Seen.Save(Path.Combine(folder.ModelPath, RunPreparation.SeenRowsFile), card);
        model.Save(folder.ModelPath);
        try { ModelReceipt.Write(folder.ModelPath, model, start, SplitScorer.Outputs(_model, _run.Test), _run.Test); }
        catch (WeightsException)
        {
            Directory.Delete(folder.ModelPath, recursive: true);   // what is not proven must not predict
            throw;
        }
        AtomicFile.WriteAllText(Path.Combine(folder.ModelPath, "README.md"), ModelCard.ToMarkdown(_run, verdict, evaluation));
        AtomicFile.WriteAllText(folder.EvaluationFile, evaluation.ToJson() + "\n");
        AtomicFile.WriteAllText(folder.VerdictFile, verdict.ToJson() + "\n");
        run["result"] = new JsonObject { ["steps"] = state.Step, ["epochs"] = state.Epoch, ["bestEpoch"] = state.BestEpoch + 1, ["bestMetric"] = state.BestMetric };
        folder.WriteRun(run, "running");   // the report reads it; only the last write says that everything is there
        AtomicFile.WriteAllText(folder.ReportFile, HtmlReport.Create(RunFiles.Read(folder, _run.Splits.Report, evaluation, verdict)));
        folder.WriteRun(run, "complete");
    }

    private void Phase(string name)
    {
        foreach (var callback in _request.Callbacks) callback.Phase(name);
    }
}
