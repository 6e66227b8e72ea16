using Attune.Data;
using Attune.Export;
using Attune.Graphs;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tests.Runs;

namespace Attune.Tests.Export;

public sealed class ExportTests
{
    [Fact]
    public void Trap_15_a_saved_model_that_equals_the_start_or_differs_from_the_trained_one_is_refused()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(200));
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "label", run));
        var model = ModelFolder.Load(run);
        using var rows = ModelRows.Read(model, data, labelled: false);
        int[] all = [.. Enumerable.Range(0, rows.Set.Rows)];
        var other = model.Network.Weights.DeepCopy();
        other["head.bias"].Value.Data.Span<float>()[0] += 1;
        using var delivered = Attune.Engines.Dense.DenseCompiler.Compile(model.Network, new Attune.Engines.CompileOptions());
        ModelReceipt.Write(Path.Combine(run, "model"), model, other, delivered, rows.Set, all);   // weights moved, outputs agree
        var receipt = File.ReadAllText(Path.Combine(run, "model", "receipt.json"));
        var same = Assert.Throws<WeightsException>(() => ModelReceipt.Write(Path.Combine(run, "model"), model, model.Network.Weights.DeepCopy(), delivered, rows.Set, all));
        Assert.Contains("training changed nothing", same.Message, StringComparison.Ordinal);
        using var trained = Attune.Engines.Dense.DenseCompiler.Compile(model.Network with { Weights = other }, new Attune.Engines.CompileOptions());
        var wrong = Assert.Throws<WeightsException>(() => ModelReceipt.Write(Path.Combine(run, "model"), model, other, trained, rows.Set, all));
        Assert.Contains("differs from the trained one", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(receipt, File.ReadAllText(Path.Combine(run, "model", "receipt.json")));
    }

    [Fact]
    public void Trap_40_exported_graph_predicts_what_the_model_predicts_on_every_kind_of_cell()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(300));
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "label", run, "encoding.categorical=embedding", "model.normalization=layer"));
        var odd = folder.Write("odd.csv", "age,size,city\n,,\n1e6,-1e6,Paris\n40,0,Oslo\n-0,1e-30,oslo\n");
        var model = ModelFolder.Load(run);
        foreach (var opset in new[] { 17, 21, 23 })
        {
            using var rows = ModelRows.Read(model, odd, labelled: false);
            var receipt = OnnxExport.Write(model, Path.Combine(folder.Path, $"m{opset}.onnx"), rows, new Attune.Graphs.Onnx.OnnxWriteOptions { Opset = opset });
            Assert.Equal(4, receipt["sameLabels"]!.GetValue<int>());
        }
    }

    [Fact]
    public void Integers_are_judged_by_their_metric_and_a_loss_is_a_warning()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(400));
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "label", run, "model.hidden-sizes=64,64", "training.epochs=20", SmallTables.DefaultNetwork));
        var model = ModelFolder.Load(run);
        using var rows = ModelRows.Read(model, data, labelled: true);
        var options = new Attune.Graphs.Onnx.OnnxWriteOptions { Type = DataType.Int8 };
        var receipt = OnnxExport.Write(model, Path.Combine(folder.Path, "small.onnx"), rows, options);
        Assert.Equal("Int8", receipt["type"]!.GetValue<string>());
        Assert.True(receipt["sameLabels"]!.GetValue<int>() >= 390, receipt.ToJsonString());
        Assert.True(receipt["largestDifference"]!.GetValue<double>() > 0);
        Assert.Equal(receipt["metric"]!["value"]!.GetValue<double>(), receipt["metricBefore"]!["value"]!.GetValue<double>(), 0.02);
        Assert.Null(receipt["warning"]);
        Assert.True(receipt["bytes"]!.GetValue<long>() > 0 && receipt["fp32Bytes"]!.GetValue<long>() > 0);
        // one huge weight an output takes all 64 steps for itself, and the others become 0
        var weights = model.Network.Weights.DeepCopy();
        foreach (var matrix in weights.All.Where(w => w.Value.Sizes is [64, 64]))
        {
            for (var i = 0; i < 64; i++) matrix.Value.Data.Span<float>()[64 * i] = 1e4f;
        }
        foreach (var first in weights.All.Where(w => w.Value.Sizes is [64, var inputs] && inputs != 64)) first.Value.Data.Span<float>()[..(int)first.Value.Sizes[1]].Clear();   // and its input is always 0
        foreach (var bias in weights.All.Where(w => w.Value.Sizes is [64])) bias.Value.Data.Span<float>()[0] = 0;
        var warned = OnnxExport.Write(model with { Network = model.Network with { Weights = weights } }, Path.Combine(folder.Path, "bad.onnx"), rows, options);
        Assert.Contains("8-bit integers cost", warned["warning"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_that_predicts_something_else_is_not_kept()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(200));
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "label", run));
        var model = ModelFolder.Load(run);
        using var rows = ModelRows.Read(model, data, labelled: false);
        var broken = new BrokenTask((Attune.Tasks.Classification)model.Task);
        var output = Path.Combine(folder.Path, "model.onnx");
        Assert.Contains("not kept", Assert.Throws<WeightsException>(() => OnnxExport.Write(model with { Task = broken }, output, rows)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "model.onnx*"));
    }

    [Fact]
    public void Held_out_rows_are_found_again_or_the_cure_is_named()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(200));
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(data, "label", run));
        var model = ModelFolder.Load(run);
        using (var rows = HeldOutRows.Of(run, model)) Assert.Equal((40, 40), (rows.Table.Rows, rows.Set.Targets!.Rows));
        Assert.Contains("--data", Assert.Throws<DataFormatException>(() => HeldOutRows.Of(Path.Combine(run, "model"), model)).Message, StringComparison.Ordinal);
        File.AppendAllText(data, "1,2,Oslo,yes\n");
        Assert.Contains("--data", Assert.Throws<DataFormatException>(() => HeldOutRows.Of(run, model)).Message, StringComparison.Ordinal);
        File.Delete(data);
        Assert.Contains("--data", Assert.Throws<DataFormatException>(() => HeldOutRows.Of(run, model)).Message, StringComparison.Ordinal);
    }

    /// <summary>Exports the opposite of what it predicts.</summary>
    private sealed class BrokenTask(Attune.Tasks.Classification inner) : Attune.Tasks.LearningTask
    {
        public override string Name => inner.Name;

        public override string Target => inner.Target;

        public override int OutputWidth => 1;

        public override string DefaultLoss => inner.DefaultLoss;

        public override string DefaultMetric => inner.DefaultMetric;

        public override int PredictionWidth => 2;

        public override Attune.Encoding.Targets Encode(Table table) => inner.Encode(table);

        public override void Activate(ReadOnlySpan<float> outputs, Span<float> predictions) => inner.Activate(outputs.ToArray().Select(o => -o).ToArray(), predictions);

        public override void AppendOutputs(GraphBuilder graph, Value logits) => inner.AppendOutputs(graph, logits);

        public override Attune.Tasks.TaskDocument ToDocument() => inner.ToDocument();
    }
}
