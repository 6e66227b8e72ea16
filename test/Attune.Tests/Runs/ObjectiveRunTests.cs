using System.Globalization;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;

namespace Attune.Tests.Runs;

/// <summary>Objectives in whole runs: teachers, counts and amounts, refusals.</summary>
public sealed class ObjectiveRunTests
{
    [Fact]
    public void A_student_comes_nearer_to_its_teacher_than_one_who_learns_from_labels()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(400));
        string Run(string name, params string[] settings)
        {
            var run = Path.Combine(folder.Path, name);
            FineTuning.Run(SmallTables.Quick(data, "label", run, ["training.epochs=15", .. settings]));
            return run;
        }
        var teacher = Run("teacher", "training.seed=5");
        var expected = Probabilities(teacher, data);
        var alone = Distance(Run("alone"));
        var taught = Distance(Run("taught", "objective.teacher=" + teacher, "objective.distillation-weight=0"));
        Assert.True(taught < 0.8 * alone, $"{taught} and {alone}");

        double Distance(string run) => expected.Zip(Probabilities(run, data), (a, b) => Math.Abs(a - b)).Average();
    }

    [Fact]
    public void A_teacher_with_its_classes_in_another_order_or_of_numbers_is_understood_and_others_are_refused()
    {
        using var folder = TestFiles.Folder();
        var binary = folder.Write("binary.csv", SmallTables.Binary(200));
        var prices = folder.Write("prices.csv", SmallTables.Prices(200));
        var (yes, no, price) = (Path.Combine(folder.Path, "yes"), Path.Combine(folder.Path, "no"), Path.Combine(folder.Path, "price"));
        FineTuning.Run(SmallTables.Quick(binary, "label", yes, "data.positive=yes"));
        FineTuning.Run(SmallTables.Quick(binary, "label", no, "data.positive=no", "objective.teacher=" + yes, "objective.distillation-weight=0", "training.epochs=15"));
        var both = Probabilities(yes, binary).Zip(Probabilities(no, binary)).ToList();
        Assert.True(both.Average(p => Math.Abs(p.First - p.Second)) < 0.2);   // of the same class, whatever is positive
        FineTuning.Run(SmallTables.Quick(prices, "price", price));
        FineTuning.Run(SmallTables.Quick(prices, "price", Path.Combine(folder.Path, "second"), "objective.teacher=" + price));
        Assert.Contains("A teacher needs the same classes", Assert.Throws<OptionsException>(() => FineTuning.Run(SmallTables.Quick(prices, "price", Path.Combine(folder.Path, "x"), "objective.teacher=" + yes))).Message);
    }

    [Fact]
    public void Classes_weigh_what_they_are_given_and_unknown_names_are_refused()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(300));
        var three = folder.Write("three.csv", SmallTables.Colours(150));
        Dictionary<string, string> Run(string data, string target, string name, params string[] settings)
        {
            FineTuning.Run(SmallTables.Quick(data, target, Path.Combine(folder.Path, name), settings));
            return SmallTables.Results(Path.Combine(folder.Path, name));
        }
        var plain = Run(data, "label", "plain");
        Assert.Equal(plain["model/model.safetensors"], Run(data, "label", "ones", "objective.class-weights=yes=2,no=2")["model/model.safetensors"]);   // only the ratio counts
        Assert.NotEqual(plain["model/model.safetensors"], Run(data, "label", "heavy", "objective.class-weights=yes=3")["model/model.safetensors"]);
        Assert.NotEqual(Run(three, "class", "three")["model/model.safetensors"], Run(three, "class", "red", "objective.class-weights=red=3,blue=0.5")["model/model.safetensors"]);
        Assert.Contains("Did you mean 'yes'?", Assert.Throws<OptionsException>(() => Run(data, "label", "x", "objective.class-weights=yess=3")).Message);
        foreach (var wrong in (string[])["balancd", "yes=", "yes=0", "yes=x", "yes=-1,no=2"])
            Assert.Contains("objective.class-weights", Assert.Throws<OptionsException>(() => Run(data, "label", "x", "objective.class-weights=" + wrong)).Message);
    }

    [Fact]
    public void A_run_whose_teacher_changed_is_not_continued()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(200));
        string teacher = Path.Combine(folder.Path, "teacher"), run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "label", teacher));
        using var source = new CancellationTokenSource();
        FineTuning.Run(SmallTables.Quick(data, "label", run, "objective.teacher=" + teacher), new RunRequest { Callbacks = [new StopAt(3, source)], Stop = source.Token });
        FineTuning.Run(SmallTables.Quick(data, "label", teacher, "training.seed=9"), new RunRequest { Force = true });
        Assert.Contains("teacher", Assert.Throws<DataFormatException>(() => FineTuning.Resume(run)).Message);
    }

    [Theory, InlineData("poisson"), InlineData("gamma"), InlineData("tweedie")]
    public void Counts_and_amounts_are_predicted_as_positive_means_and_the_exported_graph_agrees(string loss)
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("claims.csv", "x,claims\n" + string.Concat(Enumerable.Range(0, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i % 40 / 10.0},{Math.Round(Math.Exp(i % 40 / 10.0) * (0.7 + 0.6 * (i * 7 % 10) / 10)) + (loss == "gamma" ? 1 : 0)}\n"))));
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "claims", run, "data.task=regression", "training.epochs=30", "objective.loss=" + loss));
        using var predictor = Predictor.Load(run);
        Assert.True(((Regression)predictor.Task).IsLogarithmic);
        var low = predictor.Predict(new Dictionary<string, object?> { ["x"] = 0.0 }).Values[0];
        var high = predictor.Predict(new Dictionary<string, object?> { ["x"] = 3.9 }).Values[0];
        Assert.InRange(low, 0.01, 6);
        Assert.InRange(high, 25, 100);
        var model = ModelFolder.Load(run);
        Attune.Export.OnnxExport.Write(model, Path.Combine(folder.Path, "model.onnx"), Attune.Runs.HeldOutRows.Of(run, model));   // ONNX Runtime agrees, or it throws
    }

    [Fact]
    public void Targets_and_networks_that_an_objective_cannot_use_are_refused_before_training()
    {
        using var folder = TestFiles.Folder();
        var prices = folder.Write("prices.csv", "x,price\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i * 7 % 20},{i - 5}.5\n")));
        var binary = folder.Write("binary.csv", SmallTables.Binary(100));
        var three = folder.Write("three.csv", SmallTables.Colours(120));
        string Refused(string data, string target, params string[] settings)
            => Assert.ThrowsAny<AttuneException>(() => FineTuning.Run(SmallTables.Quick(data, target, Path.Combine(folder.Path, "x"), settings))).Message;

        Assert.Contains("needs targets of at least 0", Refused(prices, "price", "data.task=regression", "objective.loss=poisson"));
        Assert.Contains("cross-entropy does not fit 2 classes", Refused(binary, "label", "objective.loss=cross-entropy"));
        Assert.Contains("triplet does not fit", Refused(binary, "label", "objective.loss=triplet"));
        Assert.Contains("objective.quantile has no effect", Refused(prices, "price", "objective.quantile=0.9"));
        Assert.Contains("objective.r-drop: this network has no dropout", Refused(binary, "label", "objective.r-drop=1", "model.dropout=0"));
        Assert.Contains("looks none up", Refused(binary, "label", "objective.fgm-epsilon=1"));
        Assert.Contains("looks none up", Refused(binary, "label", "objective.neftune-alpha=5"));
        Assert.Contains("objective.focal-alpha", Refused(three, "class", "objective.loss=focal", "objective.focal-alpha=0.3"));
        Assert.Contains("objective.confidence-penalty", Refused(prices, "price", "objective.confidence-penalty=0.1"));
        Assert.Contains("no effect without objective.teacher", Refused(binary, "label", "objective.distillation-temperature=3"));
        Assert.Contains("training.schedule-power has no effect", Refused(binary, "label", "training.schedule-power=3"));
    }

    [Theory]
    [InlineData("objective.r-drop=1", "training.optimizer=adan", "training.schedule=one-cycle")]
    [InlineData("objective.fgm-epsilon=0.5", "objective.neftune-alpha=5", "encoding.categorical=embedding", "training.optimizer=adam", "training.amsgrad=true", "training.schedule=plateau", "training.schedule-patience=0")]
    [InlineData("objective.loss=focal", "objective.confidence-penalty=0.1", "training.optimizer=adafactor", "training.beta1=0.9", "training.schedule=cosine-restarts")]
    [InlineData("training.optimizer=lamb", "training.engine=torch", "encoding.categorical=embedding", "objective.fgm-epsilon=0.5", "objective.neftune-alpha=5")]
    public void Trap_33_objectives_rules_and_schedules_resume_to_the_same_bits(params string[] settings)
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(300));
        string[] all = ["training.epochs=5", "training.micro-batch-size=13", "training.checkpoint-seconds=0", .. settings];
        var (whole, run) = (Path.Combine(folder.Path, "whole"), Path.Combine(folder.Path, "run"));
        FineTuning.Run(SmallTables.Quick(data, "label", whole, all));
        foreach (var stop in (long[])[3, 17])
        {
            using var source = new CancellationTokenSource();
            var request = new RunRequest { Callbacks = [new StopAt(stop, source)], Stop = source.Token };
            if (stop == 3) FineTuning.Run(SmallTables.Quick(data, "label", run, all), request);
            else FineTuning.Resume(run, request);
        }
        Assert.True(FineTuning.Resume(run).Completed);
        Assert.Equal(SmallTables.Results(whole), SmallTables.Results(run));
    }

    private static List<double> Probabilities(string run, string data)
    {
        using var predictor = Predictor.Load(run);
        var classification = (Classification)predictor.Task;
        var rows = File.ReadAllLines(data).Skip(1).Select(l => l.Split(','));
        return [.. rows.Select(r => (double)predictor.Predict(new Dictionary<string, object?> { ["age"] = double.Parse(r[0], CultureInfo.InvariantCulture), ["size"] = r[1].Length == 0 ? null : double.Parse(r[1], CultureInfo.InvariantCulture), ["city"] = r[2] }).Row(0)[classification.Classes.ToList().IndexOf("yes")])];
    }

    private sealed class StopAt(long step, CancellationTokenSource stop) : Attune.Training.Callback
    {
        public override void Step(in Attune.Training.StepReport report)
        {
            if (report.Step == step) stop.Cancel();
        }
    }
}
