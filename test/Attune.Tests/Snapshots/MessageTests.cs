using System.Text;
using Attune.Data;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tests.Runs;

namespace Attune.Tests.Snapshots;

/// <summary>The text of messages that users meet, all in messages.txt. ATTUNE_UPDATE_SNAPSHOTS=1 writes it anew; read the difference before committing it.</summary>
public sealed class MessageTests
{
    [Fact]
    public void Messages_read_as_they_did()
    {
        using var folder = TestFiles.Folder();
        var text = new StringBuilder();
        foreach (var (name, run) in Cases(folder))
        {
            var error = Assert.ThrowsAny<AttuneException>(run);
            text.Append("== ").Append(name).Append(" (").Append(error.GetType().Name).Append(")\n").Append(error.Message.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
                .Replace(folder.Path, "FOLDER", StringComparison.Ordinal).Replace(Environment.CurrentDirectory, "HERE", StringComparison.Ordinal).ReplaceLineEndings("\n")).Append("\n\n");
        }
        var file = TestFiles.At("test", "Attune.Tests", "Snapshots", "messages.txt");
        if (Environment.GetEnvironmentVariable("ATTUNE_UPDATE_SNAPSHOTS") == "1") File.WriteAllText(file, text.ToString());
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), text.ToString());
    }

    private static IEnumerable<(string Name, Action Run)> Cases(TemporaryFolder folder)
    {
        var table = folder.Write("table.csv", SmallTables.Binary(120));
        var run = Path.Combine(folder.Path, "first");
        FineTuning.Run(SmallTables.Quick(table, "label", run));
        var next = Path.Combine(folder.Path, "next");
        var files = 0;

        yield return ("unknown options", () => new OptionsReader().Set("training.learning-rat=1").Set("data.x=1").Set("training=1").Set("epochs").Read());
        yield return ("wrong types", () => new OptionsReader().Set("training.epochs=ten").Set("model.residual=perhaps").Set("training.learning-rate=1,5").Set("encoding.numeric=standrad").Read());
        yield return ("nothing given", () => new RunOptions().Validate());
        yield return ("out of range", () => Tune("training.epochs=0", "training.learning-rate=-1", "model.dropout=1", "split.test=1", "training.warmup-ratio=2", "training.threads=0", "training.micro-batch-size=64"));
        yield return ("unknown names", () => Tune("training.optimizer=adamx", "training.schedule=cosin", "evaluation.metric=acuracy", "objective.loss=cross-entrop", "model.activation=rilu"));
        yield return ("needs an earlier model", () => Tune("method.name=head", "method.freeze-layers=1", "objective.l2-sp=1"));
        yield return ("contradicts the earlier model", () => Tune("model.path=" + run, "model.hidden-sizes=4", "model.activation=tanh"));
        yield return ("folder exists", () => FineTuning.Run(SmallTables.Quick(table, "label", run)));
        yield return ("out is a file", () => FineTuning.Run(SmallTables.Quick(table, "label", table)));
        yield return ("no such file", () => Tune("data.path=" + Path.Combine(folder.Path, "nothing.csv")));
        yield return ("target misspelt", () => Tune("data.target=lable"));
        yield return ("column to leave out misspelt", () => Tune("data.exclude=agee"));
        yield return ("positive class misspelt", () => Tune("data.positive=yess"));
        yield return ("header only", () => Table("age,label\n"));
        yield return ("empty file", () => Table(""));
        yield return ("ragged row", () => Table("age,label\n1,a\n2,b,c\n"));
        yield return ("open quote", () => Table("age,label\n1,a\n2,\"b\n"));
        yield return ("one class", () => Table("age,label\n1,a\n2,a\n3,a\n"));
        yield return ("targets missing", () => Table("age,label\n1,\n2,\n"));
        yield return ("a class with one row", () => Table(SmallTables.Binary(40).Replace("age,size,city,label", "age,size,city,label", StringComparison.Ordinal) + "1,1,Oslo,maybe\n"));
        yield return ("infinite value", () => Table("age,label\n1,a\n1e999,b\n3,a\n4,b\n"));
        yield return ("loss of another task", () => Tune("objective.loss=mse"));
        yield return ("freezes all", () => Tune("model.path=" + run, "method.freeze-layers=9"));
        yield return ("pattern that fits nothing", () => Tune("model.path=" + run, "method.train=layer.0.*"));
        yield return ("more blocks than there are", () => Tune("model.path=" + run, "method.name=last-n", "method.blocks=5"));
        yield return ("options of another method", () => Tune("model.path=" + run, "method.rank=4", "method.blocks=2"));
        yield return ("a stage that never comes", () => Tune("model.path=" + run, "method.unfreeze-every=3"));
        yield return ("head at no value", () => Tune("model.path=" + run, "model.head-at=layers.0"));
        yield return ("method misspelt", () => Tune("model.path=" + run, "method.name=lara"));
        yield return ("target twice, labels and classes at once", () => Tune("data.target=label,label", "data.task=classification", "data.positive=yes"));
        yield return ("several numbers at once", () => Tune("data.target=age,size", "data.task=regression"));
        yield return ("one column of labels without a separator", () => Tune("data.task=multi-label"));
        yield return ("separator contradicts", () => Tune("data.label-separator=", "data.task=regression"));
        yield return ("a 2 among labels", () => Labels("1,1,0\n2,0,1\n3,2,1\n", "a,b"));
        yield return ("a label of a row is missing", () => Labels("1,1,0\n2,0,1\n3,,1\n", "a,b"));
        yield return ("a label that no row has", () => Labels(string.Concat(Enumerable.Range(0, 20).Select(i => $"{i * 7 % 11},{i % 2},0\n")), "a,b"));
        yield return ("no labels at all", () => Tags(""));
        yield return ("another separator", () => Tags("cat,dog"));
        yield return ("a single label", () => Tags("cat"));
        yield return ("a label not seen in training", () => Unseen("dgo"));
        yield return ("no model there", () => ModelFolder.Load(folder.Path));
        yield return ("no folder there", () => ModelFolder.Load("runs/none"));
        yield return ("no run there", () => FineTuning.Resume("runs/none"));
        yield return ("predicting without a column", () => Predict("age,city\n1,Oslo\n"));
        yield return ("predicting words for numbers", () => Predict("age,size,city\nold,1,Oslo\n"));

        void Tune(params string[] settings) => FineTuning.Run(SmallTables.Quick(table, "label", next, settings));
        void Table(string text) => FineTuning.Run(SmallTables.Quick(folder.Write($"case{files++}.csv", text), "label", next));
        void Labels(string text, string target) => FineTuning.Run(SmallTables.Quick(folder.Write($"case{files++}.csv", "x,a,b\n" + text), target, next));
        void Tags(string tags) => FineTuning.Run(SmallTables.Quick(
            folder.Write($"case{files++}.csv", "x,tags\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},\"{tags}\"\n"))), "tags", next, "data.label-separator=;"));
        void Unseen(string label)
        {
            var tagged = Path.Combine(folder.Path, "tagged");
            FineTuning.Run(SmallTables.Quick(folder.Write("tags.csv", SmallTables.Tags(100).Replace("windy", "dog", StringComparison.Ordinal)), "tags", tagged, "data.label-separator=;"));
            ModelEvaluation.Of(tagged, folder.Write($"case{files++}.csv", $"x,z,tags\n1,2,wet;{label}\n"), null, null, new Attune.Evaluation.EvaluationSettings(), []);
        }
        void Predict(string text)
        {
            using var predictor = Predictor.Load(run);
            PredictionFile.Write(predictor, folder.Write($"case{files++}.csv", text), Path.Combine(folder.Path, "out.csv"), [], []);
        }
    }
}
