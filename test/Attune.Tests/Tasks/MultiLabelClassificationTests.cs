using Attune.Data;
using Attune.Losses;
using Attune.Tasks;

namespace Attune.Tests.Tasks;

public sealed class MultiLabelClassificationTests
{
    private static readonly MultiLabelClassification Columns = MultiLabelClassification.OfColumns(["a", "b", "c"]);
    private static readonly MultiLabelClassification Joined = MultiLabelClassification.OfJoined("tags", ["x", "y"], "|");

    [Fact]
    public void Files_keep_the_task()
    {
        foreach (var task in new[] { Columns, Joined })
        {
            var read = Assert.IsType<MultiLabelClassification>(TaskDocument.FromJson(task.ToDocument().ToJson(), "model.json").ToTask("model.json"));
            Assert.Equal((task.Name, task.Target, task.LabelSeparator), (read.Name, read.Target, read.LabelSeparator));
            Assert.Equal(task.Labels, read.Labels);
            Assert.Equal(task.TargetColumns, read.TargetColumns);
        }
        Assert.Equal(["a", "b", "c"], Columns.TargetColumns);
        Assert.Equal(["tags"], Joined.TargetColumns);
    }

    [Theory]
    [InlineData("""{"name":"multi-label-classification","target":"t"}""", "classes")]
    [InlineData("""{"name":"multi-label-classification","target":"t","classes":["a"]}""", "classes")]
    [InlineData("""{"name":"multi-label-classification","target":"t","classes":["a","a"]}""", "classes")]
    [InlineData("""{"name":"multi-label-classification","target":"t","classes":["a","b"],"labelSeparator":""}""", "labelSeparator")]
    public void A_damaged_document_is_refused_by_property(string json, string property)
        => Assert.Contains($"task.{property}", Assert.Throws<DataFormatException>(() => TaskDocument.FromJson(json, "model.json").ToTask("model.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void Probabilities_are_sigmoids_and_labels_are_chosen_from_one_half_on()
    {
        var probabilities = new float[6];
        Columns.Activate([0, 100, -100, -0.1f, float.MaxValue, -float.MaxValue], probabilities);
        Assert.Equal([0.5f, 1, 0], probabilities[..3]);
        Assert.Equal("a;b", Columns.Choose(probabilities.AsSpan(0, 3)));
        Assert.Equal("b", Columns.Choose(probabilities.AsSpan(3)));
        Assert.Equal("x|y", Joined.Choose([1, 0.5f]));
        Assert.Equal("", Joined.Choose([0.49f, 0]));
    }

    [Fact]
    public void Trap_37_targets_have_a_column_for_every_output_and_a_loss_refuses_others()
    {
        var table = new Table("t", 2, [new NumericColumn("a", [1, 0]), new NumericColumn("b", [0, 1]), new NumericColumn("c", [1, 1])]);
        var targets = Columns.Encode(table);
        Assert.Equal((2, 3), (targets.Rows, targets.Width));
        Assert.Equal([1, 0, 1, 0, 1, 1], targets.Values!);
        var loss = LossCatalog.Create(Columns.DefaultLoss, new LossOptions());
        Assert.Equal(Math.Log(2), loss.Sum(new float[6], 3, new LossTargets { Values = targets.Values, Rows = 2, ValueWidth = 3 }, [], 1) / loss.Count(new LossTargets { Values = targets.Values, Rows = 2, ValueWidth = 3 }), 1e-6);
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[2], 1, new LossTargets { Values = targets.Values, Rows = 2, ValueWidth = 3 }, [], 1));
    }

    [Fact]
    public void Trap_3_a_row_of_which_nothing_is_known_is_refused_not_masked()
    {
        var table = new Table("t", 2, [new NumericColumn("a", [1, double.NaN]), new NumericColumn("b", [0, double.NaN]), new NumericColumn("c", [1, double.NaN])]);
        Assert.Contains("All labels of the row are missing", Assert.Throws<DataFormatException>(() => Columns.Encode(table)).Message, StringComparison.Ordinal);
    }
}
