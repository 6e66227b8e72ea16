using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Randomness;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Tests.Encoding;

public sealed class TableEncoderTests
{
    private static readonly Table Train = EncoderFittingTests.Mixed(300, seed: 1);
    private static readonly Table Test = EncoderFittingTests.Mixed(99, seed: 2);

    private static TableEncoder Fitted { get; } = EncoderFitting.Fit(new TrainSplit(Train), EncoderFittingTests.Features, new EncodingOptions());

    [Fact]
    public void Features_stand_in_column_order_and_each_embedding_has_an_input()
    {
        Assert.Equal(
            ["a", "a (missing)", "year", "year (missing)", "color=None", "color=blue", "color=green", "color=red", "color (missing)",
                "flag=false", "flag=true", "flag (missing)", "when", "when (missing)"],
            Fitted.FeatureNames);
        Assert.Equal([ColumnKind.Numeric, ColumnKind.Numeric, ColumnKind.Category, ColumnKind.Category, ColumnKind.Category, ColumnKind.Date], Fitted.Schema.Select(c => c.Kind));
        var inputs = Fitted.Apply(Test, out var counts);
        Assert.Equal(["features", "codes:city"], inputs.Select(i => i.Name));
        Assert.Equal(Enumerable.Range(0, 99).Count(Test["a"].IsMissing), counts.Columns[0].Missing);
    }

    [Fact]
    public void Unknown_cells_are_counted_and_fall_where_the_rule_says()
    {
        var table = new Table("t", 3, [new TextColumn("c", [0, 1, -1], ["red", "pink"])]);
        var plain = new TableEncoder([new OneHotEncoder("c", ["blue", "red"], [], false)]);
        Assert.Equal([0, 1, 0, 0, 0, 0], ((FloatInput)plain.Apply(table, out var counts)[0]).Values);
        Assert.Equal(new ColumnCount("c", 1, 1, 0), counts.Columns[0]);
        var bucket = new TableEncoder([new OneHotEncoder("c", ["red"], ["rare"], true)]);
        Assert.Equal([1, 0, 0, 0, 1, 0, 0, 0, 1], ((FloatInput)bucket.Apply(table, out _)[0]).Values);
    }

    [Fact]
    public void Tables_of_embeddings_only_and_tables_without_rows_are_encoded()
    {
        var encoder = new TableEncoder([new EmbeddingEncoder("c", ["a"], [], false, 2)]);
        var table = new Table("t", 2, [new TextColumn("c", [0, -1], ["a"])]);
        var input = Assert.IsType<IndexInput>(Assert.Single(encoder.Apply(table, out _)));
        Assert.Equal([1, 0], input.Values);
        var empty = Fitted.Apply(Test.Select([]), out var counts);
        Assert.Equal([0L, 0L], empty.Select(i => i.Length));
        Assert.Equal(0, counts.Missing);
    }

    [Fact]
    public void A_saved_encoder_is_the_same_to_the_bit()
    {
        var folder = Directory.CreateTempSubdirectory("attune-encoder");
        try
        {
            var path = Path.Combine(folder.FullName, "encoder.json");
            Fitted.Save(path);
            var loaded = TableEncoder.Load(path);
            Assert.Equal(Fitted.ToJson(), loaded.ToJson());
            Assert.Equal(((FloatInput)Fitted.Apply(Test, out _)[0]).Values, ((FloatInput)loaded.Apply(Test, out _)[0]).Values);
            Assert.Equal(((NumericEncoder)Fitted.Columns[0]).Center, ((NumericEncoder)loaded.Columns[0]).Center);
            Assert.Single(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("", "$")]
    [InlineData("null", "null")]
    [InlineData("""{"format":"attune-encoder","version":1}""", "columns")]
    [InlineData("""{"format":"other","version":1,"columns":[]}""", "format")]
    [InlineData("""{"format":"attune-encoder","version":2,"columns":[]}""", "version")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[null]}""", "columns[0]")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"hash"}]}""", "columns[0].encoder")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"numeric","input":"float","fill":0,"missingFlag":false,"center":0,"divisor":0,"shift":0}]}""", "columns[0].divisor")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"numeric","input":"float","fill":1e999,"missingFlag":false,"center":0,"divisor":1,"shift":0}]}""", "fill")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"one-hot","categories":["x",null],"missing":false}]}""", "columns[0].categories[1]")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"one-hot","categories":["x","x"],"missing":false}]}""", "columns[0].categories[1]")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"one-hot","categories":["x"],"infrequent":["x"],"missing":false}]}""", "columns[0].infrequent")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"embedding","categories":["x"],"missing":false,"embeddingWidth":0}]}""", "columns[0].embeddingWidth")]
    [InlineData("""{"format":"attune-encoder","version":1,"columns":[{"column":"a","encoder":"one-hot","categories":["x"],"missing":false,"extra":1}]}""", "extra")]
    public void A_bad_file_is_refused_by_name_and_property(string json, string property)
    {
        var error = Assert.Throws<DataFormatException>(() => TableEncoder.FromJson(json, "runs/x/encoder.json"));
        Assert.StartsWith("runs/x/encoder.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(property, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_and_many_damaged_bytes_give_a_clear_error_or_a_valid_encoder()
    {
        var json = Fitted.ToJson();
        var end = json.TrimEnd().Length;
        for (var length = 0; length < end; length += 7) Assert.Throws<DataFormatException>(() => TableEncoder.FromJson(json[..length], "encoder.json"));
        var random = new Philox(3, "damage");
        for (var i = 0UL; i < 500; i++)
        {
            var damaged = json.ToCharArray();
            damaged[random.Below(2 * i, damaged.Length)] = (char)(32 + random.Below(2 * i + 1, 95));
            try { _ = TableEncoder.FromJson(new string(damaged), "encoder.json").ToJson(); }
            catch (DataFormatException) { /* the only exception a damaged file may give */ }
        }
    }

    [Fact]
    public void A_word_in_a_column_of_numbers_names_its_line()
    {
        var table = new Table("new.csv", 2, [new TextColumn("a", [0, 1], ["1.5", "many"])]) { LineOfRow = row => row + 2 };
        var error = Assert.Throws<DataFormatException>(() => new TableEncoder([new NumericEncoder("a")]).Apply(table, out _));
        Assert.Equal((3L, "a"), (error.Line, error.Column));
    }

    [Theory]
    [InlineData(2, "None", 17)]
    [InlineData(2, "NA", 21)]
    [InlineData(3, null, 23)]
    public void The_complete_classifier_gives_labels_and_probabilities_from_raw_columns(int classes, string? positive, int opset)
    {
        var task = new Classification("target", classes == 2 ? ["NA", "None"] : ["NA", "None", "Null"], positive);
        var (graph, logits) = Model(task);
        var outputs = OnnxSession.Run(graph, Raw(Test, Fitted), opset);
        Assert.Equal(["label", "probabilities"], graph.Outputs.Select(o => o.Name));
        var expected = new float[Test.Rows * classes];
        task.Activate(logits, expected);
        var probabilities = (float[])outputs["probabilities"];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], probabilities[i], 1e-5);
        var labels = (string[])outputs["label"];
        for (var row = 0; row < Test.Rows; row++)
        {
            var best = Enumerable.Range(0, classes).MaxBy(k => probabilities[row * classes + k]);
            Assert.Equal(task.Classes[best], labels[row]);
        }
        Assert.True(labels.Distinct().Count() > 1);
    }

    [Fact]
    public void The_complete_regressor_predicts_in_the_unit_of_the_target()
    {
        var task = new Regression("target", mean: 1e6, scale: 250);
        var (graph, logits) = Model(task);
        var prediction = (float[])OnnxSession.Run(graph, Raw(Test, Fitted))["prediction"];
        var expected = new float[Test.Rows];
        task.Activate(logits, expected);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], prediction[i], 1e-5 * 250 + 0.07);   // a float near 1e6 has steps of 0.06
    }

    [Fact]
    public void Columns_may_carry_the_names_of_outputs_nodes_and_weights()
    {
        string[] names = ["label", "probabilities", "features", "head.weight", "head", "head.out", "codes:city", "softmax"];
        var encoder = new TableEncoder([.. names.Select(n => new NumericEncoder(n))]);
        var network = new GraphBuilder("network");
        var features = network.Input("features", DataType.Float, new Shape("B", names.Length));
        network.Weight("head.weight", Tensor.Of(Enumerable.Range(0, 3 * names.Length).Select(i => i * 0.1f).ToArray(), 3, names.Length));
        network.Output(network.Linear(features, "head"), "logits", DataType.Float, new Shape("B", 3));
        var graph = ModelGraph.WithPreprocessing(network.Build(), encoder, new Classification("t", ["a", "b", "c"], null));
        Assert.Equal(["label_2", "probabilities_2"], graph.Outputs.Select(o => o.Name));
        var outputs = OnnxSession.Run(graph, names.ToDictionary(n => n, _ => (Array)new float[] { 1 }));
        Assert.Equal(["c"], (string[])outputs["label_2"]);
    }

    [Fact]
    public void Tasks_survive_their_files()
    {
        LearningTask[] tasks = [new Classification("t", ["None", "Null"], "None"), new Classification("t", ["1", "2", "10"], null), new Regression("y", 0.1, 1e-300)];
        foreach (var task in tasks)
        {
            var json = task.ToDocument().ToJson();
            var loaded = TaskDocument.FromJson(json, "model.json").ToTask("model.json");
            Assert.Equal(json, loaded.ToDocument().ToJson());
            Assert.Equal(task.Name, loaded.Name);
        }
        var bad = new TaskDocument { Name = "binary-classification", Target = "t", Classes = ["a", "b"], PositiveClass = "c" };
        Assert.Contains("task.positiveClass", Assert.Throws<DataFormatException>(() => bad.ToTask("model.json")).Message, StringComparison.Ordinal);
    }

    // A linear network over features and one embedding, and its logits over the test rows by plain loops.
    private static (Graph Graph, float[] Logits) Model(LearningTask task)
    {
        var (random, city) = (new Philox(9, "weights"), Fitted.Embeddings[0]);
        var (width, k) = (Fitted.FeatureWidth + city.EmbeddingWidth, task.OutputWidth);
        float[] Normal(int count, ulong from) => [.. Enumerable.Range(0, count).Select(i => (float)random.Normal(from + (ulong)i))];
        var (table, weight, bias) = (Normal(city.Rows * city.EmbeddingWidth, 0), Normal(k * width, 100_000), Normal(k, 200_000));
        var network = new GraphBuilder("network");
        var features = network.Input("features", DataType.Float, new Shape("B", Fitted.FeatureWidth));
        var codes = network.Input(city.InputName, DataType.Int64, new Shape("B"));
        network.Weight("city.weight", Tensor.Of(table, city.Rows, city.EmbeddingWidth));
        network.Weight("head.weight", Tensor.Of(weight, k, width));
        network.Weight("head.bias", Tensor.Of(bias, k));
        var x = network.Concat([features, network.Embedding(codes, "city.weight")], 1);
        network.Output(network.Linear(x, "head"), "logits", DataType.Float, new Shape("B", k));

        var inputs = Fitted.Apply(Test, out _);
        var (real, index) = (((FloatInput)inputs[0]).Values, ((IndexInput)inputs[1]).Values);
        var logits = new float[Test.Rows * k];
        for (var row = 0; row < Test.Rows; row++)
        {
            for (var o = 0; o < k; o++)
            {
                var sum = bias[o];
                for (var i = 0; i < Fitted.FeatureWidth; i++) sum += weight[o * width + i] * real[row * Fitted.FeatureWidth + i];
                for (var i = 0; i < city.EmbeddingWidth; i++) sum += weight[o * width + Fitted.FeatureWidth + i] * table[index[row] * city.EmbeddingWidth + i];
                logits[row * k + o] = sum;
            }
        }
        return (ModelGraph.WithPreprocessing(network.Build(), Fitted, task), logits);
    }

    private static Dictionary<string, Array> Raw(Table table, TableEncoder encoder) => encoder.Columns.ToDictionary(c => c.Column, c => (c.InputType, table[c.Column]) switch
    {
        (DataType.Float, NumericColumn n) => n.Values.Select(v => (float)v).ToArray(),
        (DataType.Double, NumericColumn n) => n.Values,
        (DataType.Int64, DateColumn d) => d.Milliseconds,
        (_, var text) => (Array)Enumerable.Range(0, table.Rows).Select(text.Text).ToArray(),
    });
}
