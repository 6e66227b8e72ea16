using Attune.Encoding;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Models;
using Attune.Models.Vision;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Models.Vision;

public sealed class VisionModelTests
{
    private static string Golden(string name) => Path.Combine(TestFiles.Root, "test", "golden", name, "model.safetensors");

    // Parameter counts are torchvision's and timm's own.
    [Theory]
    [InlineData("convnext_atto", 3_695_520)]
    [InlineData("convnextv2_atto", 3_708_400)]
    [InlineData("densenet121", 7_978_856)]
    [InlineData("efficientnet_b0", 5_288_548)]
    [InlineData("efficientnet_b2", 9_109_994)]
    [InlineData("mobilenet_v2", 3_504_872)]
    [InlineData("mobilenet_v3_large", 5_483_032)]
    [InlineData("mobilenet_v3_small", 2_542_856)]
    [InlineData("regnet_x_400mf", 5_495_976)]
    [InlineData("regnet_y_400mf", 4_344_144)]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("vit_tiny_patch16_224", 5_717_416)]
    public void A_fresh_network_has_upstreams_size_and_is_recognised_from_its_weights_alone(string name, long parameters)
    {
        var model = VisionModel.Create(name, 1000, seed: 1);
        Assert.Equal(parameters, model.Graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count));
        var shape = VisionModel.Detect(new WeightStore(model.Graph.Weights.All.Where(w => w.Role != WeightRole.Constant)));
        Assert.NotNull(shape);
        Assert.Equal(model.Shape.Sizes, shape.Sizes);
        Assert.Equal(1000, shape.Classes);
        Assert.Equal(name, VisionCatalog.WithSizes(shape)!.Name);
        Assert.Contains(model.Graph.Weights.All, w => w.Name == shape.Head + ".weight");
    }

    [Fact]
    public void Catalog_is_alphabetical_and_no_two_entries_are_the_same_network()
    {
        Assert.Equal(VisionCatalog.Names.Order(StringComparer.Ordinal), VisionCatalog.Names);
        Assert.Equal(VisionCatalog.All.Count, VisionCatalog.All.Select(e => e.Shape.Family + e.Shape.Sizes).Distinct().Count());
        Assert.All(VisionCatalog.All, e => Assert.True(e.Preprocessing.ResizeShorterSide >= e.Preprocessing.Height));
        Assert.All(VisionCatalog.All.Where(e => e.Shape is VitShape), e => Assert.Equal(e.Shape.FixedImageSize, e.Preprocessing.Height));
    }

    [Fact]
    public void Equal_seeds_give_equal_weights_with_upstreams_deviation()
    {
        var (a, b, c) = (VisionModel.Create("mobilenet_v3_small", 5, 1), VisionModel.Create("mobilenet_v3_small", 5, 1), VisionModel.Create("mobilenet_v3_small", 5, 2));
        float[] Values(VisionModel m) => m.Graph.Weights["features.12.0.weight"].Value.Data.Span<float>().ToArray();
        Assert.Equal(Values(a), Values(b));
        Assert.NotEqual(Values(a), Values(c));
        var deviation = Math.Sqrt(Values(a).Average(v => (double)v * v));
        Assert.Equal(Math.Sqrt(2.0 / 576), deviation, 0.02 * Math.Sqrt(2.0 / 576));       // He, fan-out of a 1×1 convolution to 576 channels
        Assert.All(a.Graph.Weights["features.0.1.running_var"].Value.Data.Span<float>().ToArray(), v => Assert.Equal(1, v));
        Assert.Equal(WeightRole.Buffer, a.Graph.Weights["features.0.1.running_var"].Role);
        Assert.Equal(5, a.Graph.Weights["classifier.3.weight"].Value.Sizes[0]);
    }

    [Fact]
    public void Dropout_stands_where_upstream_has_it_and_its_probability_can_be_set()
    {
        static float[] Ratios(VisionModel m) => [.. m.Graph.Nodes.Where(n => n.Operator == "Dropout").Select(n => m.Graph.Weights[n.Inputs[1]].Value.Data.Span<float>()[0])];
        Assert.Equal([0.2f], Ratios(VisionModel.Create("mobilenet_v2", 2, 0)));
        Assert.Equal([0.4f], Ratios(VisionModel.Create("mobilenet_v2", 2, 0, dropout: 0.4)));
        Assert.Empty(Ratios(VisionModel.Create("mobilenet_v2", 2, 0, dropout: 0)));
        Assert.Empty(Ratios(VisionModel.Create("resnet18", 2, 0)));
    }

    [Fact]
    public void An_unknown_name_is_told_the_nearest() =>
        Assert.Contains("'resnet18'", Assert.Throws<OptionsException>(() => VisionModel.Create("resnt18", 2, 0)).Message, StringComparison.Ordinal);

    [Fact]
    public void Missing_misshapen_and_unexpected_weights_are_told_at_once()
    {
        var weights = CheckpointReader.Read(Golden("vision/resnet_basic")).Weights;
        weights.Remove("layer2.0.bn1.weight");
        weights.Remove("layer3.1.conv2.weight");
        weights.Replace(weights["bn1.bias"] with { Value = Tensor.Of([1f, 2f], 2) });
        weights.Add("layer9.extra", Tensor.Of([1f], 1));
        var error = Assert.Throws<WeightsException>(() => VisionModel.Detect(weights)!.Build(new CheckpointWeights(weights)));
        Assert.Equal("The checkpoint does not fit resnet. 2 missing: 'layer2.0.bn1.weight', 'layer3.1.conv2.weight'. 1 of other sizes: 'bn1.bias' is Float[2], expected Float[4]. 1 unexpected: 'layer9.extra'.", error.Message);
    }

    [Fact]
    public void A_checkpoint_of_no_known_family_is_refused_with_the_families()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("a.safetensors");
        var store = new WeightStore();
        store.Add("some.weight", Tensor.Of([1f], 1));
        SafetensorsWriter.Write(path, store);
        var error = Assert.Throws<WeightsException>(() => VisionModel.Load(path));
        Assert.Contains("'some.weight'", error.Message, StringComparison.Ordinal);
        Assert.Contains("efficientnet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_number_of_classes_starts_the_head_afresh_and_keeps_the_rest()
    {
        var (old, fresh) = (VisionModel.Load(Golden("vision/resnet_basic")), VisionModel.Load(Golden("vision/resnet_basic"), new VisionLoadOptions { Classes = 9, Seed = 3 }));
        Assert.Equal(5, old.Shape.Classes);
        Assert.Equal([9, 32], fresh.Graph.Weights["fc.weight"].Value.Sizes);
        Assert.NotEqual(0, fresh.Graph.Weights["fc.weight"].Value.Data.Span<float>()[0]);
        Assert.Equal(old.Graph.Weights["conv1.weight"].Value.Data.Span<float>().ToArray(), fresh.Graph.Weights["conv1.weight"].Value.Data.Span<float>().ToArray());
        Assert.Equal(9, fresh.Graph.Outputs[0].Shape![1].Size);
    }

    [Fact]
    public void A_PyTorch_file_and_a_safetensors_file_of_equal_weights_give_equal_networks()
    {
        // half precision widens exactly
        using var scratch = TestData.NewFolder();
        var source = CheckpointReader.Read(Golden("vision/timm_vit")).Weights;
        var half = new WeightStore(source.All.Select(w => w with { Value = w.Value.ToFloating(DataType.Float16) }));
        var path = scratch.File("vit.safetensors");
        SafetensorsWriter.Write(path, half);
        var model = VisionModel.Load(path, new VisionLoadOptions { Heads = 4 });
        Assert.Equal(DataType.Float16, model.SourceType);
        Assert.Equal(half["head.weight"].Value.ToFloat().Data.Span<float>().ToArray(), model.Graph.Weights["head.weight"].Value.Data.Span<float>().ToArray());
    }

    [Fact]
    public void Heads_of_a_Vit_come_from_the_options_or_the_width()
    {
        Assert.Equal(1, ((VitShape)VisionModel.Load(Golden("vision/timm_vit")).Shape).Heads);
        Assert.Equal(4, ((VitShape)VisionModel.Load(Golden("vision/timm_vit"), new VisionLoadOptions { Heads = 4 }).Shape).Heads);
        Assert.Throws<WeightsException>(() => VisionModel.Load(Golden("vision/timm_vit"), new VisionLoadOptions { Heads = 5 }));
    }

    [Fact]
    public void Configuration_beside_a_Hugging_Face_checkpoint_is_read()
    {
        using var scratch = TestData.NewFolder();
        var folder = Path.GetDirectoryName(Golden("models/vit_imgcls"))!;
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy(Path.Combine(folder, file), scratch.File(file));
        File.WriteAllText(scratch.File("preprocessor_config.json"), """{"do_normalize":true,"do_resize":true,"image_mean":[0.5,0.4,0.3],"image_std":[0.1,0.2,0.3],"resample":3,"size":{"height":16,"width":16}}""");
        var model = VisionModel.Load(scratch.Folder);
        var shape = Assert.IsType<VitShape>(model.Shape);
        Assert.Equal((4, 1e-12f, 16, "transformers", "classifier"), (shape.Heads, shape.Epsilon, shape.ImageSize, shape.Library, shape.Head));
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4"], model.Labels);
        Assert.Equal((16, 16, ImageInterpolation.Bicubic, null), (model.Preprocessing.ResizeHeight, model.Preprocessing.Height, model.Preprocessing.Interpolation, model.Preprocessing.ResizeShorterSide));
        Assert.Equal([0.5, 0.4, 0.3], model.Preprocessing.Mean);
        Assert.Equal([0.1, 0.2, 0.3], model.Preprocessing.Std);
    }

    [Fact]
    public void Configuration_beside_a_timm_checkpoint_is_read_and_broken_ones_are_named()
    {
        using var scratch = TestData.NewFolder();
        File.Copy(Golden("vision/timm_resnet"), scratch.File("model.safetensors"));
        File.WriteAllText(scratch.File("config.json"), """{"architecture":"resnet10t","num_classes":5,"label_names":["a","b","c","d","e"],"pretrained_cfg":{"input_size":[3,160,160],"interpolation":"bicubic","crop_pct":0.95,"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}}""");
        var model = VisionModel.Load(scratch.Folder);
        Assert.Equal("resnet10t", model.Name);
        Assert.Equal((160, 168, ImageInterpolation.Bicubic), (model.Preprocessing.Height, model.Preprocessing.ResizeShorterSide, model.Preprocessing.Interpolation));
        Assert.Equal(["a", "b", "c", "d", "e"], model.Labels);
        File.WriteAllText(scratch.File("config.json"), "{\"architecture\": ");
        Assert.Contains("config.json", Assert.Throws<DataFormatException>(() => VisionModel.Load(scratch.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_older_upstream_files_are_todays()
    {
        var vit = CheckpointReader.Read(Golden("vision/vision_transformer")).Weights;
        var old = new WeightStore(vit.All.Select(w => w with { Name = w.Name.Replace(".mlp.0.", ".mlp.linear_1.", StringComparison.Ordinal).Replace(".mlp.3.", ".mlp.linear_2.", StringComparison.Ordinal) }));
        Assert.Equal(VisionModel.Detect(vit)!.Sizes, VisionModel.Detect(old)!.Sizes);
        var dense = VisionModel.Create("densenet121", 2, 0).Graph.Weights.All.Where(w => w.Role != WeightRole.Constant);
        var olden = new WeightStore(dense.Select(w => w with { Name = System.Text.RegularExpressions.Regex.Replace(w.Name, @"(denselayer\d+\.(?:norm|conv))([12])\.", "$1.$2.") }));
        Assert.Contains(olden.All, w => w.Name == "features.denseblock1.denselayer1.norm.1.weight");
        Assert.Equal(VisionCatalog.Find("densenet121")!.Shape.Sizes, VisionModel.Detect(olden)!.Sizes);
    }

    [Fact]
    public void Attention_as_one_operator_and_in_steps_gives_the_same_logits()
    {
        var model = VisionModel.Load(Golden("vision/vision_transformer"), new VisionLoadOptions { Heads = 4 });
        using var scratch = TestData.NewFolder();
        var image = Image(2, 16);
        var logits = ((int[])[17, 21, 23]).Select(opset =>
        {
            OnnxWriter.Write(model.Graph, scratch.File("a.onnx"), new OnnxWriteOptions { Opset = opset });
            return OnnxRuntimeCheck.Run(scratch.File("a.onnx"), [(VisionModel.Input, image)])[VisionModel.Output];
        }).ToList();
        OnnxRuntimeCheck.AssertEqual(logits[0], logits[1]);
        OnnxRuntimeCheck.AssertEqual(logits[0], logits[2]);
    }

    [Theory]
    [InlineData("resnet_basic", 40)]
    [InlineData("convnext", 64)]
    [InlineData("efficientnet", 50)]
    public void A_row_alone_gives_what_it_gives_in_a_batch_at_any_image_size(string name, int side)
    {
        var model = VisionModel.Load(Golden($"vision/{name}"));
        using var scratch = TestData.NewFolder();
        OnnxWriter.Write(model.Graph, scratch.File("a.onnx"));
        var both = Image(2, side);
        var together = OnnxRuntimeCheck.Run(scratch.File("a.onnx"), [(VisionModel.Input, both)])[VisionModel.Output].Data.Span<float>().ToArray();
        var second = Tensor.Of(both.Data.Span<float>(3 * side * side, 3 * side * side), 1, 3, side, side);
        var alone = OnnxRuntimeCheck.Run(scratch.File("a.onnx"), [(VisionModel.Input, second)])[VisionModel.Output].Data.Span<float>().ToArray();
        for (var k = 0; k < alone.Length; k++) Assert.Equal(together[alone.Length + k], alone[k], 1e-4f * Math.Max(1, Math.Abs(alone[k])));
        Assert.NotEqual(together[0], together[alone.Length]);
    }

    private static Tensor Image(int rows, int side)
    {
        var stream = new Attune.Randomness.Philox(5, "image");
        var values = new float[rows * 3 * side * side];
        for (var i = 0; i < values.Length; i++) values[i] = (float)stream.Normal((ulong)i);
        return Tensor.Of(values, rows, 3, side, side);
    }
}
