using System.IO.Compression;
using System.Text.Json;
using Attune.Graphs;
using Attune.Models;
using Attune.Models.Vision;
using Attune.Weights;

namespace Attune.Tests.Models.Vision;

/// <summary>Every entry against upstream's own list of names and sizes.</summary>
public sealed class VisionCatalogTests
{
    private static readonly JsonElement _models = Read();

    public static TheoryData<string> Names => [.. VisionCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_entry_has_upstreams_names_and_sizes_and_is_recognised_from_them(string name)
    {
        Assert.True(_models.TryGetProperty(name, out var upstream), $"no list of upstream for '{name}'; add it with test/data/vision/make.py");
        var store = new WeightStore();
        foreach (var entry in upstream.GetProperty("state_dict").EnumerateObject())
        {
            long[] sizes = [.. entry.Value.EnumerateArray().Select(s => s.GetInt64())];
            store.Add(entry.Name, new Tensor(DataType.Float, sizes, TensorBuffer.Allocate(4 * Tensor.Product(sizes))));   // zeros that nothing touches take no memory
        }
        var shape = VisionModel.Detect(store);
        Assert.NotNull(shape);
        var entryOfCatalog = VisionCatalog.Find(name)!;
        Assert.Equal(entryOfCatalog.Shape.Sizes, shape.Sizes);
        Assert.Equal(entryOfCatalog.Shape.Family, shape.Family);
        Assert.Equal(1000, shape.Classes);
        if (shape is MobileShape mobile) Assert.Equal(((MobileShape)entryOfCatalog.Shape).Epsilon, mobile.Epsilon);
        var graph = shape.Build(new CheckpointWeights(store));   // throws for any name or size that differs
        Assert.Equal(upstream.GetProperty("parameters").GetInt64(), graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count));
    }

    private static JsonElement Read()
    {
        using var file = new GZipStream(File.OpenRead(TestFiles.At("test", "data", "vision", "state_dicts.json.gz")), CompressionMode.Decompress);
        return JsonDocument.Parse(file).RootElement.GetProperty("models");
    }
}
