using Attune.Graphs.Onnx;
using Attune.Cli.Inspection;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Tests.Batching;
using Attune.Weights;

namespace Attune.Tests.Cli;

/// <summary>What <c>attune inspect</c> says.</summary>
public sealed class InspectionTests
{
    // A graph of one node 'frob' whose operator, FrobnicateV2, is none of ONNX.
    private const string UnknownOperator = "CAgSADqOAQodCgF4CgF3EgF5GgRmcm9iIgxGcm9ibmljYXRlVjISAWcqKwgCCAQQAUIBd0ogAAAAAAAAAD4AAIA+AADAPgAAAD8AACA/AABAPwAAYD8qEQgCEAFCAWJKCAAAAAAAAAAAWhQKAXgSDwoNCAESCQoDEgFOCgIIBGIUCgF5Eg8KDQgBEgkKAxIBTgoCCAJCBAoAEA0=";

    [Fact]
    public void An_onnx_network_shows_its_head_and_where_another_could_stand()
    {
        var found = OnnxInspection.Of(TestFiles.At("test", "golden", "onnx", "mobilenet_small.onnx"));
        var tuning = found.Json["tuning"]!;
        Assert.Equal("dense, torch", string.Join(", ", found.Json["engines"]!["Gemm"]!.AsArray().Select(e => e!.GetValue<string>())));
        Assert.Equal("torch", found.Json["engines"]!["Conv"]![0]!.GetValue<string>());
        Assert.NotNull(tuning["head"]!["weight"]);
        var proposal = tuning["headProposals"]![0]!;
        Assert.StartsWith("--head-at ", proposal["option"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(found.Lines, l => l.TrimStart().StartsWith(proposal["option"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Contains(found.Lines, l => l.StartsWith("pictures: ", StringComparison.Ordinal));
        Assert.Contains(found.Lines, l => l.StartsWith("engines: dense lacks ", StringComparison.Ordinal) && l.EndsWith("torch knows all operators", StringComparison.Ordinal));
        Assert.InRange(found.Lines.Count, 10, 60);
        Assert.Equal(OnnxReader.Read(TestFiles.At("test", "golden", "onnx", "mobilenet_small.onnx")).Weights.All.Count, found.Json["weights"]!.AsArray().Count);
    }

    [Fact]
    public void A_file_with_an_unknown_operator_is_inspected_and_the_node_named()
    {
        using var folder = TestFiles.Folder();
        var found = OnnxInspection.Of(folder.Write("odd.onnx", Convert.FromBase64String(UnknownOperator)));
        var refused = Assert.Single(found.Json["unsupported"]!.AsArray())!;
        Assert.Equal("FrobnicateV2", refused["operator"]!.GetValue<string>());
        Assert.Equal("ai.onnx", refused["domain"]!.GetValue<string>());
        Assert.Contains(found.Lines, l => l.Contains($"node '{refused["node"]!.GetValue<string>()}': 'FrobnicateV2' is not an ONNX operator", StringComparison.Ordinal));
        Assert.Contains(found.Lines, l => l.StartsWith("inputs: x Float", StringComparison.Ordinal));
    }

    [Fact]
    public void A_checkpoint_is_recognised_and_a_missing_key_named()
    {
        using var folder = TestFiles.Folder();
        var weights = new WeightStore(VisionModel.Create("mobilenet_v3_small", 3, 1).Graph.Weights.All.Where(w => w.Role != WeightRole.Constant));   // a checkpoint has no constants
        var path = Path.Combine(folder.Path, "weights.safetensors");
        SafetensorsWriter.Write(path, weights);
        var read = CheckpointInspection.Of(path);
        Assert.True(read.Json["network"] is not null, string.Join('\n', read.Lines));
        var network = read.Json["network"]!;
        Assert.Equal("mobilenet_v3_small", network["name"]!.GetValue<string>());
        Assert.Equal(3, network["classes"]!.GetValue<int>());
        Assert.Equal(224, network["preprocessing"]!["height"]!.GetValue<int>());

        weights.Remove("classifier.0.bias");
        var broken = Path.Combine(folder.Path, "broken.safetensors");
        SafetensorsWriter.Write(broken, weights);
        var found = CheckpointInspection.Of(broken);
        Assert.Null(found.Json["network"]);
        Assert.Contains(found.Lines, l => l.StartsWith("network: ", StringComparison.Ordinal) && l.Contains("1 missing: 'classifier.0.bias'", StringComparison.Ordinal));
    }

    [Fact]
    public void Pictures_show_classes_sizes_copies_and_damage()
    {
        using var folder = TestFiles.Folder();
        foreach (var (path, golden) in new[] { ("train/cat/1.png", "rgb.png"), ("train/cat/2.png", "grey.png"), ("train/dog/1.jpg", "q90_444.jpg"), ("test/cat/9.png", "rgb.png"), ("test/dog/9.png", "palette.png") }) Put(folder, path, ImagesGolden.Bytes(golden));
        Put(folder, "train/dog/broken.png", ImagesGolden.Bytes("rgb.png")[..60]);
        var found = PictureInspection.Of(folder.Path, []);
        var train = found.Json["splits"]!["train"]!;
        Assert.Equal("""{"cat":2,"dog":2}""", train["classes"]!.ToJsonString());
        Assert.EndsWith("dog/broken.png", Assert.Single(train["unreadable"]!.AsArray())!["path"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1, train["formats"]!["JPEG"]!.GetValue<int>());
        var copy = Assert.Single(found.Json["copies"]!.AsArray())!;
        Assert.True(copy["acrossSplits"]!.GetValue<bool>());
        Assert.Contains(found.Lines, l => l.StartsWith("copies: 1 file is byte for byte the same as another, 1 of them in another split", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_of_pictures_is_no_ordinary_table()
    {
        using var folder = TestFiles.Folder();
        Put(folder, "a.png", ImagesGolden.Bytes("rgb.png"));
        Put(folder, "b.png", ImagesGolden.Bytes("grey.png"));
        folder.Write("list.csv", "path,label\na.png,x\nb.png,y\n");
        folder.Write("table.csv", "path,label\nhighway,x\nstreet,y\n");
        Assert.Equal("pictures", TableInspection.Of(Path.Combine(folder.Path, "list.csv"), []).Json["kind"]!.GetValue<string>());
        Assert.Equal("table", TableInspection.Of(Path.Combine(folder.Path, "table.csv"), []).Json["kind"]!.GetValue<string>());
    }

    [Fact]
    public void A_networks_name_that_is_no_path_is_explained()
    {
        var error = Assert.Throws<OptionsException>(() => FineTuning.Run(new RunOptions { Out = "nowhere", Data = new DataOptions { Path = TestFiles.At("test", "golden", "images", "files") }, Model = new ModelOptions { Path = "resnet18" } }));
        Assert.Contains("use --set model.name=resnet18 instead of --model", error.Message, StringComparison.Ordinal);
    }

    private static void Put(TemporaryFolder folder, string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Path, path))!);
        folder.Write(path, bytes);
    }
}
