using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Options;

namespace Attune.Tests.Options;

public sealed class OptionsReaderTests
{
    [Theory]
    [InlineData("training.learning-rat=1", "training.learning-rate")]
    [InlineData("trainig.epochs=1", "training.epochs")]
    [InlineData("model.hiden-sizes=3", "model.hidden-sizes")]
    [InlineData("data.targt=x", "data.target")]
    public void Unknown_key_names_the_nearest_one(string setting, string nearest)
    {
        var error = Assert.Throws<OptionsException>(() => new OptionsReader().Set(setting).Read());
        Assert.Contains($"Did you mean '{nearest}'?", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("training.epochs=ten", "a whole number")]
    [InlineData("training.epochs=1.5", "a whole number")]
    [InlineData("training.learning-rate=1,5", "a number")]
    [InlineData("training.learning-rate=NaN", "a number")]
    [InlineData("training.learning-rate=1e999", "a number")]
    [InlineData("model.residual=perhaps", "true or false")]
    [InlineData("encoding.numeric=standrad", "one of")]
    [InlineData("encoding.numeric=1", "one of")]
    [InlineData("model.hidden-sizes=8,x", "a list")]
    [InlineData("training=3", "is a section")]
    [InlineData("training.epochs", "section.option=value")]
    public void Value_of_the_wrong_type_is_refused_with_what_was_expected(string setting, string expected)
    {
        var error = Assert.Throws<OptionsException>(() => new OptionsReader().Set(setting).Read());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(setting.Split('=')[0], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_names_and_types_are_told_at_once()
    {
        using var folder = TestFiles.Folder();
        var file = folder.Write("run.yaml", "data:\n  path: a.csv\n  targt: x\ntraining:\n  epochs: many\n  batch-size: [1, 2]\n  optimizer: {name: sgd}\nmodell:\n  name: mlp\n");
        var error = Assert.Throws<OptionsException>(() => new OptionsReader().File(file).Set("training.sed=3").Read());
        string[] expected = ["data.targt", "modell", "training.batch-size", "training.epochs", "training.optimizer", "training.sed"];
        Assert.All(expected, e => Assert.Contains(error.Problems, p => p.StartsWith(e, StringComparison.Ordinal)));
    }

    [Fact]
    public void Later_layers_win_and_leave_other_options_alone()
    {
        using var folder = TestFiles.Folder();
        var yaml = folder.Write("run.yaml", "data: {path: a.csv, target: y, missing: [NA, '-']}\ntraining:\n  epochs: 7\n  seed: 9\nmodel:\n  hidden-sizes: [4, 5]\n");
        var options = new OptionsReader().File(yaml).Set("training.epochs", "8").Set("training.epochs=9").Set("data.missing=x, y").Read();
        Assert.Equal((9, 9L, "a.csv", "y"), (options.Training.Epochs, options.Training.Seed, options.Data.Path, options.Data.Target));
        Assert.Equal([4, 5], options.Model.HiddenSizes);
        Assert.Equal(["x", "y"], options.Data.Missing);
    }

    [Fact]
    public void Json_is_read_as_the_same_file_format()
    {
        using var folder = TestFiles.Folder();
        var file = folder.Write("run.json", """{"data": {"path": "a.csv", "columns": {"code": "category"}}, "encoding": {"columns": {"age": {"numeric": "min-max"}}}}""");
        var options = new OptionsReader().File(file).Read();
        Assert.Equal("category", options.Data.Columns["code"]);
        Assert.Equal(Attune.Encoding.NumericScaling.MinMax, options.Encoding.Columns["age"].Numeric);
    }

    [Theory]
    [InlineData("- a\n- b\n", "option sections")]
    [InlineData("data: [", "not valid YAML")]
    public void A_file_that_is_no_options_tree_is_refused_with_its_name(string text, string expected)
    {
        using var folder = TestFiles.Folder();
        var file = folder.Write("run.yaml", text);
        var error = Assert.Throws<DataFormatException>(() => new OptionsReader().File(file));
        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saved_options_load_to_the_same_options()
    {
        var options = new OptionsReader().Set("out=r").Set("data.path=a").Set("data.columns.b=text").Set("model.hidden-sizes=3,4").Set("model.dropout=0.25")
            .Set("training.learning-rate=3e-4").Set("encoding.numeric=robust").Set("encoding.columns.age.fill-value=2").Set("data.missing=NA").Read();
        var saved = OptionsReader.Save(options);
        var again = OptionsReader.Save(OptionsReader.Load(JsonNode.Parse(saved.ToJsonString()), "run.json"));
        Assert.Equal(saved.ToJsonString(), again.ToJsonString());
        Assert.Equal("robust", saved["encoding"]!["numeric"]!.GetValue<string>());
        Assert.Equal(0.0003, saved["training"]!["learning-rate"]!.GetValue<double>());
    }

    [Fact]
    public void Saved_options_that_are_damaged_are_refused()
        => Assert.Throws<DataFormatException>(() => OptionsReader.Load(JsonNode.Parse("""{"training": {"epochs": "x"}}"""), "run.json"));

    [Fact]
    public void Schema_has_every_path_with_its_default()
    {
        var schema = OptionsReader.Schema();
        foreach (var path in OptionsReader.Paths)
        {
            JsonNode? at = schema;
            foreach (var part in path.Split('.')) at = at?["properties"]?[part];
            Assert.True(at is not null, path);
        }
        Assert.Equal("adamw", schema["properties"]!["training"]!["properties"]!["optimizer"]!["default"]!.GetValue<string>());
        using var _ = JsonDocument.Parse(schema.ToJsonString());
    }

    [Fact]
    public void Every_path_is_kebab_case() => Assert.All(OptionsReader.Paths, p => Assert.Matches("^[a-z0-9]+([-.][a-z0-9]+)*$", p));
}
