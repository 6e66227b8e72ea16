using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Evaluation;
using Attune.Export;
using Attune.Graphs;
using Attune.Methods;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Options;
using Attune.Prediction;
using Attune.Reports;
using Attune.Tasks;
using Attune.Training;
using Attune.Weights;
using System.Text.Json.Nodes;

namespace Attune.Runs;

/// <summary>Runs what was prepared: self-test, training, judging on the test split, saving. One per run.</summary>
internal sealed class RunTraining : IDisposable
{
    private const int ReceiptRows = 256, TrainRows = 2000;   // pictures that are looked at once more: enough to prove, few enough to wait for
    private PreparedRun _run;
    private readonly RunRequest _request;
    private CompiledModel _model;
    private readonly bool _slowPasses;
    private SplitScorer _validation;
    private SplitScorer _test;
    private (ScoredSet Test, string Name)? _headOnly;   // known when the run itself began with it

    private RunTraining(PreparedRun run, RunRequest request)
    {
        (_run, _request) = (run, request);
        _validation = new SplitScorer(run.Task, run.Validation, run.Splits.Validation);
        _test = new SplitScorer(run.Task, run.Test, run.Splits.Test);
        _model = Compile(run.Network, run.Trainable);
        _slowPasses = run.Inputs is not TableInputs;
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
        if (state is null && _run.HeadFirst)
        {
            Phase("training the new head alone first");
            _headOnly = HeadOnly(TakeOver, _request.Stop);
            if (_headOnly is null)
            {
                folder.WriteRun(run, "interrupted");   // without a checkpoint: the head begins anew
                return new RunResult(folder.Path, false, null, null);
            }
        }
        var untuned = _run.Method.LearnsPairsFirst ? _run.Network.Weights.DeepCopy() : null;
        // A resumed run does this again, to the same bits: the checkpoint holds what trains afterwards.
        if (_run.Method.LearnsPairsFirst && !TunePairs())
        {
            folder.WriteRun(run, "interrupted");
            return new RunResult(folder.Path, false, null, null);
        }
        Phase("training");
        var total = (long)_run.Settings.Epochs * TrainingLoop.StepsPerEpoch(_run.Train.Rows, _run.Settings.BatchSize);
        var events = new EventLog(folder.EventsFile, state?.EventBytes ?? 0, total);
        var loop = new TrainingLoop(_model, _run.Task, _run.Settings, _run.Train, _run.Validation, outputs => _validation.Score(outputs));
        state = loop.Run(state, [.. _request.Callbacks, events], s =>
        {
            events.Flush();
            CheckpointFile.Write(folder.CheckpointFile, s with { EventBytes = events.Bytes }, _run.Threads);
        }, _request.Clock, _request.Stop);
        if (!state.Finished)
        {
            folder.WriteRun(run, "interrupted");
            return new RunResult(folder.Path, false, null, null);
        }
        Phase("evaluating");
        var start = untuned ?? _run.Network.Weights.DeepCopy();
        _model.SaveWeights();
        var network = _run.Method.Merge(_run.Network, out var rounding);
        if (rounding > 0) run["mergeRounding"] = rounding;
        var isSame = ReferenceEquals(network, _run.Network) && _run.Options.Training.Precision == "fp32";
        using var exact = isSame ? null : Compile(network, [], exact: true);
        if (Fitted(exact ?? _model) is { } fitted)
        {
            _run = _run with { Task = fitted };
            (_validation, _test) = (new SplitScorer(fitted, _run.Validation, _run.Splits.Validation), new SplitScorer(fitted, _run.Test, _run.Splits.Test));
            run["chosen"]!["no-answer-threshold"] = fitted.Threshold;
        }
        var (verdict, evaluation) = Judge(exact ?? _model);
        if (_run.GeneralTexts is { } general)
        {
            Phase("comparing the vectors of general texts");
            verdict = verdict with { Forgetting = general.Compare(_run.Before, network, graph => Compile(graph, [], exact: true), _run.Task) };
        }
        Phase("saving");
        Save(folder, run, state, network, start, exact ?? _model, verdict, evaluation);
        return new RunResult(folder.Path, true, verdict, evaluation);
    }

    /// <summary>Tunes the encoder on pairs and compiles the network anew around it; false when it was stopped.</summary>
    private bool TunePairs()
    {
        Phase("tuning the encoder on pairs of texts");
        if (!PairTuning.Run(_run, (encoder, trainable, pairs) => Compile(encoder, trainable, passRows: pairs), _request.Callbacks, _request.Clock, _request.Stop)) return false;
        _model.Dispose();
        _model = Compile(_run.Network, _run.Trainable);
        return true;
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
        var lines = RunPlan.Lines(_run, Estimate(), EngineLine());
        foreach (var callback in _request.Callbacks)
        {
            foreach (var note in _run.Notes) callback.Note(note);
            callback.Plan(lines);
            callback.SelfTested(checks);
        }
    }

    /// <summary>Longest time training can take, from a few steps that are undone again.</summary>
    private TimeSpan Estimate()
    {
        const int most = 8;
        var before = _model.Capture();
        var order = EpochSampler.Of(_run.Train, _run.Settings.BatchSize, _run.Settings.Seed, _run.Settings.BucketByLength).Epoch(0)[..Math.Min(_run.Settings.MicroBatchSize, _run.Train.Rows)].ToArray();
        order = [.. LossOf.Passes(_run.Settings.Loss, order, new int[order.Length * _run.Settings.Loss.ForwardPasses])];
        var count = LossOf.Count(_run.Settings.Loss, _run.Train, order);
        // The first half warms up; a step that takes long is not repeated.
        var (steps, timed, spent) = (0, 0, TimeSpan.Zero);
        while (steps < most && (timed == 0 || spent < TimeSpan.FromSeconds(1)))
        {
            var start = _request.Clock.GetTimestamp();
            _model.Accumulate(_run.Train, order, _run.Settings.Loss, count, new MicroStep(steps, 0));
            _model.Update(_run.Settings.Optimizer, new UpdateStep(steps, 0, 0, 1));
            var took = _request.Clock.GetElapsedTime(start);
            var slow = took > TimeSpan.FromSeconds(0.25);
            if (steps >= most / 2 || (slow && steps > 0)) (timed, spent) = (timed + 1, spent + took);
            steps++;
        }
        var perRow = spent / (timed * order.Length) * _run.Settings.Loss.ForwardPasses * (_run.Settings.FgmEpsilon > 0 ? 2 : 1);
        _model.Restore(before);
        if (_model is TorchModel { PrefixNodes: > 0 } torch)
        {
            var views = _run.Train.Inputs.Any(i => i is StreamedInput { IsAugmented: true } or TokenInput { Source.IsAugmented: true }) ? Math.Min(_run.Options.Training.PrefixViews, _run.Settings.Epochs) : 1;
            return perRow * ((double)_run.Train.Rows * views + _run.Validation.Rows + 0.02 * _run.Train.Rows * _run.Settings.Epochs);
        }
        return perRow * ((double)_run.Train.Rows + _run.Validation.Rows / 3.0) * _run.Settings.Epochs;
    }

    /// <summary>What is worth saying about the engine.</summary>
    private List<string> EngineLine()
    {
        if (_model is not TorchModel torch) return [];
        var options = _run.Options.Training;
        var line = new List<string> { string.Create(CultureInfo.InvariantCulture, $"libtorch on {options.Device}, {options.Precision}, {_run.Threads} threads{(options.GradientCheckpointing ? ", activations computed again" : "")}") };
        if (torch.PrefixNodes > 0)
        {
            var bytes = (double)torch.PrefixNumbers(_run.Train) / Math.Max(1, _run.Train.Rows) * (options.PrefixCache == "bf16" ? 2 : 4);
            line.Add(string.Create(CultureInfo.InvariantCulture, $"{torch.PrefixNodes} of {_run.Network.Nodes.Count} nodes are frozen and run once per row; {bytes / 1024.0:N1} kB a row are kept"));
        }
        return line;
    }

    private CompiledModel Compile(Graph graph, IReadOnlyList<TrainableWeight> trainable, bool headOnly = false, bool exact = false, int? passRows = null)
    {
        try
        {
            var settings = CompileSettings.Of(_run.Options) with
            {
                Trainable = trainable,
                MaxRows = Math.Max(passRows ?? (_run.Settings.MicroBatchSize * _run.Settings.Loss.ForwardPasses), Predictor.RowsPerPass(graph)),
                Threads = _run.Threads,
                FreezeBatchNorm = headOnly || _run.Method.FreezeBatchNorm,
                PrefixCache = trainable.Count > 0 ? CompileSettings.Prefix(_run.Options, _run.Task) : null,
            };
            if (_run.Start?.FixedRows is { } rows) settings = settings with { MaxRows = rows };
            return ModelEngine.Compile(graph, exact ? settings with { Precision = Engines.Precision.Float32 } : settings, _run.Engine);
        }
        catch (NotSupportedException e)
        {
            throw new OptionsException($"model: no engine can run this network: {e.Message}");
        }
    }

    /// <summary>Judges the model that will be saved: merged, and in fp32 whatever it trained in.</summary>
    private (Verdict Verdict, EvaluationReport Evaluation) Judge(CompiledModel delivered)
    {
        var settings = new EvaluationSettings { Seed = (ulong)_run.Options.Training.Seed, Resamples = _run.Options.Evaluation.ResamplesFor(_run.Test.Rows, Math.Max(1, _run.Task.PredictionNames.Count)), Threads = Environment.ProcessorCount };
        var after = _test.Score(delivered);
        Phase("fitting simple models for comparison");
        var simple = BaselineComparison.Make(_run, settings);
        var earlier = Before();
        var (before, name) = earlier ?? (simple!.ChosenScores, simple.Chosen);
        var verdict = VerdictMaker.Compare(before, name, after, "tuned", _run.Settings.Metric.Name, settings);
        if (earlier is not null && simple is not null) verdict = verdict with { Simple = simple.CompareWith(after, _run.Settings.Metric.Name, settings) };
        var splits = new Dictionary<string, SplitEvaluation>
        {
            ["test"] = Evaluator.Evaluate(after, settings, _run.Task, _run.Data.View(_run.Splits.Test)),
            ["validation"] = Evaluator.Evaluate(_validation.Score(delivered), settings.WithoutIntervals, _run.Task),
            ["train"] = Evaluator.Evaluate(TrainScores(delivered), settings.WithoutIntervals, _run.Task),
        };
        return (verdict, EvaluationReport.Of(_run.Task, splits, earlier is null ? simple!.Evaluations : simple?.BesideTheVerdict ?? new Dictionary<string, BaselineEvaluation>()));
    }

    /// <summary>The reader with a threshold of a model's own; null for other tasks, and where the user gave one.</summary>
    private QuestionAnswering? Fitted(CompiledModel model)
        => _run.Task is QuestionAnswering { AnswersAlways: false } reader && _run.Options.Text.NoAnswerThreshold is null ? AnswerThreshold.Fit(reader, model, _run.Validation) : null;

    /// <summary>Test scores of a model that is compared, with a threshold of its own.</summary>
    private ScoredSet TestOf(CompiledModel model) => Fitted(model) is { } own ? Scorer.Score(model, _run.Test, own) : _test.Score(model);

    /// <summary>Scores of the training rows; of many pictures an even sample, because each one has to be decoded and run again.</summary>
    private ScoredSet TrainScores(CompiledModel delivered)
    {
        if (!_slowPasses || _run.Train.Rows <= TrainRows) return new SplitScorer(_run.Task, _run.Train, _run.Splits.Train.Rows).Score(delivered);
        var rows = _run.Train.Targets!.Windows is { } windows
            ? [.. Sample(windows.Questions, TrainRows).SelectMany(q => Enumerable.Range(windows.WindowStarts[q], windows.WindowStarts[q + 1] - windows.WindowStarts[q]))]
            : Sample(_run.Train.Rows, TrainRows);
        return Scorer.Score(delivered, FewRows.Of(_run.Train, rows), _run.Task, (_run.Task as Regression)?.Values(_run.Splits.Train.Rows.Select(rows)));
    }

    private static int[] Sample(int rows, int most) => [.. Enumerable.Range(0, Math.Min(rows, most)).Select(i => (int)((long)i * rows / Math.Min(rows, most)))];

    /// <summary>What the user had before (promise 1): the earlier model or a new head on it; null for the better simple model by validation.</summary>
    private (ScoredSet Test, string Name)? Before()
    {
        // A run that trains a new head alone is itself what other runs are compared with.
        var isHeadOnly = _run.HeadReplaced && !_run.Method.LearnsPairsFirst && _run.Trainable.All(t => _run.Fresh.Contains(t.Name));
        if (_run.Start is null || isHeadOnly || (_run.HeadReplaced && _run.Task is MaskedLanguageModel)) return null;   // nobody guesses words with a fresh head
        if (!_run.HeadReplaced)
        {
            using var earlier = Compile(_run.Before, [], exact: true);
            return (TestOf(earlier), _run.Options.Model.Path!);
        }
        if (_headOnly is { } known) return known;
        Phase("training the head alone for comparison");
        return HeadOnly(null, CancellationToken.None);
    }

    /// <summary>Trains nothing but the new head, as a run of the method <c>head</c> would.</summary>
    /// <param name="use">Receives the trained model before it is gone; null when only its scores are wanted.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>Null when it was stopped.</returns>
    private (ScoredSet Test, string Name)? HeadOnly(Action<CompiledModel>? use, CancellationToken stop)
    {
        var fresh = MethodPlan.For(_run.Before, new MethodOptions { Name = "head" }, _run.Options.Training.WeightDecay, 0, _run.Fresh).Trainable.Where(t => _run.Fresh.Contains(t.Name));
        // Its own rate, not that of a full fine-tune: a head trained too gently would make the tuned model look better than it is.
        var own = _run.Options with { Method = new MethodOptions { Name = "head" } };
        if (_run.Inputs is TextInputs) own = own with { Training = own.Training with { LearningRate = null, Epochs = null, Patience = null } };
        var settings = AutoSettings.For(own, _run.Task, _run.Train.Rows, RunPreparation.ClassCounts(_run.Task, _run.Train), RunPreparation.NetworkKindOf(_run.Start, _run.Inputs));
        if (_run.Start!.FixedRows is { } rows) settings = settings with { MicroBatchSize = rows };
        settings = settings with { FgmEpsilon = 0, LearningRate = _run.HeadRate ?? settings.LearningRate };   // its embedding tables are frozen
        using var head = Compile(_run.Before, [.. fresh], headOnly: true, exact: true, settings.MicroBatchSize * settings.Loss.ForwardPasses);
        var loop = new TrainingLoop(head, _run.Task, settings, _run.Train, _run.Validation, outputs => _validation.Score(outputs));
        if (!loop.Run(null, [new ProgressOnly(_request.Callbacks)], _ => { }, _request.Clock, stop).Finished) return null;
        use?.Invoke(head);
        return (TestOf(head), "head-only");
    }

    /// <summary>Starts from a head that was trained alone.</summary>
    private void TakeOver(CompiledModel head)
    {
        foreach (var name in _run.Fresh.Where(n => head.Trainable.Any(t => t.Name == n)))
        {
            var values = new float[_run.Before.Weights[name].Count];
            head.ReadWeight(name, values);
            _model.WriteWeight(name, values);
        }
    }

    private void Save(RunFolder folder, JsonObject run, LoopState state, Graph network, WeightStore start, CompiledModel delivered, Verdict verdict, EvaluationReport evaluation)
    {
        var card = ModelCard.Create(_run, verdict, evaluation);
        var model = new ModelFolder(network, _run.Inputs, _run.Task, card) { Upstream = _run.Upstream };
        Directory.CreateDirectory(folder.ModelPath);
        _run.Seen.Save(Path.Combine(folder.ModelPath, RunPreparation.SeenRowsFile), card);
        model.Save(folder.ModelPath);
        try { ModelReceipt.Write(folder.ModelPath, model, start, delivered, _run.Test, Sample(_run.Test.Rows, _slowPasses ? ReceiptRows : int.MaxValue)); }
        catch (WeightsException)
        {
            Directory.Delete(folder.ModelPath, recursive: true);   // what is not proven must not predict
            throw;
        }
        if (RunAdapter.Write(_run, network, folder.ModelPath) is { } adapter)
        {
            run["adapter"] = adapter;
            if (adapter["reason"] is null && _run.Task is not MaskedLanguageModel) _run.Seen.Export(Path.Combine(folder.ModelPath, RunAdapter.Folder));
        }
        AtomicFile.WriteAllText(Path.Combine(folder.ModelPath, "README.md"), ModelCard.ToMarkdown(_run, verdict, evaluation));
        AtomicFile.WriteAllText(folder.EvaluationFile, evaluation.ToJson() + "\n");
        AtomicFile.WriteAllText(folder.VerdictFile, verdict.ToJson() + "\n");
        run["result"] = new JsonObject { ["steps"] = state.Step, ["epochs"] = state.Epoch, ["bestEpoch"] = state.BestEpoch + 1, ["bestMetric"] = state.BestMetric };
        folder.WriteRun(run, "running");   // the report reads it; only the last write says that everything is there
        AtomicFile.WriteAllText(folder.ReportFile, HtmlReport.Create(RunFiles.Read(folder, _run.Splits.Report, evaluation, verdict), _run.Data.Thumbnails(_run.Splits)));
        folder.WriteRun(run, "complete");
    }

    private void Phase(string name)
    {
        foreach (var callback in _request.Callbacks) callback.Phase(name);
    }

    /// <summary>Passes on what keeps a person informed, and nothing that belongs to the run itself.</summary>
    private sealed class ProgressOnly(IReadOnlyList<Callback> callbacks) : Callback
    {
        public override void Progress(string what, int done, int all)
        {
            foreach (var callback in callbacks) callback.Progress(what, done, all);
        }
    }
}
