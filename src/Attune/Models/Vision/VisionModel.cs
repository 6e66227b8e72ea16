using Attune.Encoding;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Vision;

/// <summary>An image classifier as a graph with upstream's weight names, and what is known beside the graph.</summary>
/// <param name="Graph">Input <c>pixel_values</c> [B, 3, H, W], output <c>logits</c> [B, K].</param>
/// <param name="Shape">Family, sizes, name of the head.</param>
/// <param name="Name">The catalog's name where the sizes equal an entry's, else the name that the options, <c>config.json</c> or nothing gave; null when unknown.</param>
/// <param name="Preprocessing">What the network expects of its images.</param>
/// <param name="Labels">Names of the classes from <c>config.json</c>; empty when unknown.</param>
/// <param name="SourceType">Element type of the checkpoint's weights; the graph's are float.</param>
public sealed record VisionModel(Graph Graph, VisionShape Shape, string? Name, ImagePreprocessing Preprocessing, IReadOnlyList<string> Labels, DataType SourceType)
{
    /// <summary>Name of the graph's input.</summary>
    public const string Input = "pixel_values";

    /// <summary>Name of the graph's output.</summary>
    public const string Output = "logits";

    private static readonly Func<CheckpointKeys, VisionShape?>[] _families =
        [Vit.Detect, ConvNext.Detect, DenseNet.Detect, RegNet.Detect, TimmMobile.Detect, EfficientNet.Detect, MobileNetV3.Detect, MobileNetV2.Detect, Vgg.Detect, ResNet.Detect];

    /// <summary>Loads a checkpoint; family and sizes come from its names and shapes.</summary>
    /// <param name="path">A checkpoint file, or a folder with <c>model.safetensors</c> or <c>pytorch_model.bin</c>; <c>config.json</c> and <c>preprocessor_config.json</c> beside it are read.</param>
    /// <param name="options">What the weights cannot tell.</param>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    /// <exception cref="WeightsException">No known family, or names and shapes that do not fit it.</exception>
    public static VisionModel Load(string path, VisionLoadOptions? options = null)
    {
        var file = VisionFolder.FindCheckpoint(path);
        return From(CheckpointReader.Read(file), VisionFolder.Read(file), options ?? new VisionLoadOptions());
    }

    /// <summary>The shape that a checkpoint's names and sizes tell, without building the graph; null when no family knows it.</summary>
    /// <param name="weights">The checkpoint's entries.</param>
    /// <param name="options">What the weights cannot tell.</param>
    /// <exception cref="WeightsException">The family is known, but sizes are missing.</exception>
    public static VisionShape? Detect(WeightStore weights, VisionLoadOptions? options = null)
    {
        var keys = new CheckpointKeys(LegacyNames.Modernize(weights), options ?? new VisionLoadOptions());
        return _families.Select(f => f(keys)).FirstOrDefault(s => s is not null);
    }

    /// <summary>A network of the catalog with fresh weights.</summary>
    /// <param name="name">Name in <see cref="VisionCatalog"/>.</param>
    /// <param name="classes">Classes K.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="dropout">Dropout probability; null for upstream's.</param>
    /// <exception cref="OptionsException">There is no such name; says the nearest.</exception>
    public static VisionModel Create(string name, int classes, ulong seed, double? dropout = null)
    {
        var entry = VisionCatalog.Find(name) ?? throw new OptionsException($"There is no image network called '{name}'.{NearestName.Hint(name, VisionCatalog.Names)}");
        var shape = entry.Shape with { Classes = classes, Dropout = dropout ?? entry.Shape.Dropout };
        return new VisionModel(shape.Build(new FreshWeights(seed)), shape, entry.Name, entry.Preprocessing, [], DataType.Float);
    }

    private static VisionModel From(Checkpoint checkpoint, VisionFolder folder, VisionLoadOptions options)
    {
        var weights = LegacyNames.Modernize(checkpoint.Weights);
        options = options with { Name = options.Name ?? folder.Name, Heads = options.Heads ?? folder.Heads, LayerNormEpsilon = options.LayerNormEpsilon ?? folder.Epsilon };
        if (Detect(weights, options) is not { } shape)
            throw new WeightsException($"{checkpoint.Path}: no known family of image networks has these {weights.All.Count} weights ({NearestName.Preview(weights.All.Select(w => w.Name))}). Known: {string.Join(", ", VisionCatalog.Families)}.");
        if (folder.Average is { } mean && shape is VitShape { Naming: VitNaming.Timm, NormAfterMean: false, ClassToken: true } vit) shape = vit with { Average = mean };
        var entry = VisionCatalog.Find(options.Name) is { } named && named.Shape.Sizes == shape.Sizes ? named : VisionCatalog.WithSizes(shape);
        var fresh = options.Classes is { } classes && (classes != shape.Classes || !weights.Contains(shape.Head + ".weight"));
        shape = shape with { Classes = options.Classes ?? shape.Classes, Dropout = options.Dropout ?? entry?.Shape.Dropout ?? shape.Dropout };
        var source = fresh ? new CheckpointWeights(weights, shape.Head, options.Seed) : new CheckpointWeights(weights);
        Graph graph;
        try { graph = shape.Build(source); }
        catch (WeightsException e) { throw new WeightsException($"{checkpoint.Path}: {e.Message} (Recognised as {shape.Family} with the names of {shape.Library}: {shape.Sizes}.)", e); }
        var type = weights.All.FirstOrDefault(w => w.Value.Type.IsFloating())?.Value.Type ?? DataType.Float;
        return new VisionModel(graph, shape, entry?.Name ?? options.Name, folder.Preprocessing ?? entry?.Preprocessing ?? Default(shape), fresh ? [] : folder.Labels, type);
    }

    private static ImagePreprocessing Default(VisionShape shape)
    {
        var side = shape.FixedImageSize ?? 224;
        return VisionPreprocessing.Of(side, side * 8 / 7);
    }
}
