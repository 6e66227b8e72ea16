using System.Security.Cryptography;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Hub;
using Attune.Models.Text;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;
using Attune.Text;
using Attune.Weights;

namespace Attune.Runs;

/// <summary>The network that a run fine-tunes: an earlier Attune model, an ONNX file, a Hugging Face folder, or a checkpoint of an image network.</summary>
/// <param name="Path">As the user named it.</param>
/// <param name="Network">Its graph with weights; its first output is the one that answers.</param>
/// <param name="Sha256">Of the weights.</param>
internal sealed record StartingModel(string Path, Graph Network, string Sha256)
{
    /// <summary>The folder of an earlier Attune model; null for files of others.</summary>
    public ModelFolder? Folder { get; init; }

    /// <summary>How pictures become its input; null when it reads none.</summary>
    public ImagePreprocessing? Images { get; init; }

    /// <summary>Family and sizes of a checkpoint of pictures with upstream's names of weights; null for others.</summary>
    public VisionShape? Vision { get; init; }

    /// <summary>How texts become its inputs; null when it reads none.</summary>
    public TextStart? Text { get; init; }

    /// <summary>The Hugging Face folder of texts that it came from; null for others.</summary>
    public HuggingFaceStart? HuggingFace { get; init; }

    /// <summary>Names of its outputs in order; empty when unknown.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>What a user should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Rows that the network takes at once; null for any number.</summary>
    public int? FixedRows { get; init; }

    /// <summary>Reads what <c>model.path</c> names; null when a new network is to be built.</summary>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    /// <exception cref="WeightsException">The weights belong to no known network.</exception>
    /// <param name="options">The model's options.</param>
    /// <param name="image">What the user says about pictures; what is said needs no warning.</param>
    /// <param name="head">What a text encoder is to answer with.</param>
    /// <param name="continues">Whether an earlier masked language model goes on as one.</param>
    /// <param name="method">What trains: an adapter's own method goes on with it, others start from it merged into its base.</param>
    public static StartingModel? Load(ModelOptions options, ImageOptions image, TextHead head = TextHead.SequenceClassification, bool continues = false, MethodOptions? method = null)
    {
        if (options.Path is not { } path) return null;
        if (!System.IO.Path.Exists(path) && VisionCatalog.Find(path) is { } entry)
            throw new OptionsException($"model.path: there is no file or folder '{path}'; it is the name of a network. For new weights use --set model.name={entry.Name} instead of --model. To fine-tune, download a checkpoint of {entry.Name} (.safetensors or .pth, from torchvision, timm or Hugging Face) and name the file with --model.");
        path = ModelPath.Resolve(path);
        var kind = ModelFiles.KindOf(path);
        if (options.Base is not null && kind != ModelFileKind.Adapter) throw new OptionsException($"model.base: {path} is no adapter ({Methods.PeftAdapter.ConfigFile} is missing), so it has no base. Leave it out.");
        var start = kind switch
        {
            ModelFileKind.Onnx => FromOnnx(path, options, image),
            ModelFileKind.Checkpoint => FromCheckpoint(path, options),
            ModelFileKind.TextFolder => head == TextHead.Embedding ? FromEncoder(path, path) : FromHuggingFace(path, path, options, head),
            ModelFileKind.Adapter => FromAdapter(path, options, head, method ?? new MethodOptions()),
            _ => FromFolder(path, options, head, continues),
        };
        return method is null || start.Text is null ? start : start with { Text = start.Text with { Settings = BehindVirtualTokens(start, method) } };
    }

    // Learned tokens take places of the text's; those that are in the network already were taken off before.
    private static TextSettings BehindVirtualTokens(StartingModel start, MethodOptions method)
    {
        if (start.HuggingFace?.Additions is { } adapter) return start.Text!.Settings.Behind(adapter.Config.VirtualTokens);
        return Methods.VirtualTokens.IsMethod(method) && Methods.StayingAdapters.HasPrefix(start.Network) is null ? start.Text!.Settings.Behind(method.VirtualTokens) : start.Text!.Settings;
    }

    private static StartingModel FromFolder(string path, ModelOptions options, TextHead head, bool continues)
    {
        var folder = ModelFolder.Load(path);
        if (folder.Task is MaskedLanguageModel && head != TextHead.MaskedLanguageModel && Methods.StayingAdapters.Of(folder.Network) is [var added, ..])
            throw new OptionsException($"model.path: {path} was trained with a method whose weights stay in the network ('{added}'), and upstream's encoder has no place for them under a head of another kind. Train it with full or a low-rank method, or go on with the same task.");
        if (folder.Task is MaskedLanguageModel && head != TextHead.MaskedLanguageModel && !continues) return head == TextHead.Embedding ? FromEncoder(path, ModelFolder.Locate(path)) : FromHuggingFace(path, ModelFolder.Locate(path), options, head, folder.Network.Weights);   // the encoder, with a head of another kind
        return new StartingModel(path, folder.Network, folder.WeightsSha256)
        {
            Folder = folder,
            Images = (folder.Inputs as ImageInputs)?.Preprocessing,
            Text = folder.Inputs is TextInputs text ? new TextStart(text.Tokenizer, text.Settings) : null,
            Labels = folder.Task.PredictionNames,
            Description = path,
        };
    }

    /// <summary>A tuned embedding as an encoder like any other: its vectors get a head, its task and columns no longer count.</summary>
    public StartingModel AsEncoder() => this with
    {
        Folder = null,
        Labels = [],
        Description = $"{Path} (a tuned embedding)",
        Notes = [.. Notes, $"{Path} is a tuned embedding; its vectors of texts get a head. Whether it has seen texts of these data cannot be told: its rows were pairs."],
    };

    private static StartingModel FromHuggingFace(string path, string folder, ModelOptions options, TextHead head, WeightStore? own = null)
    {
        var start = HuggingFaceStart.Load(folder, head);
        var notes = new List<string>();
        if (!start.HasHead) notes.Add($"{path} has no head for {(head switch { TextHead.MaskedLanguageModel => "hidden words", TextHead.QuestionAnswering => "answers", _ => "classes" })}; a fresh one is added ({NearestName.Preview(start.Model.Fresh)}).");
        var unused = start.Model.Unexpected.Where(n => own is null || !own.TryGet(n, out var weight) || weight.Role == WeightRole.Parameter).ToList();   // a run's file holds its graph's constants, too
        if (unused.Count > 0) notes.Add($"{unused.Count} weights of {path} belong to another head and are not used ({NearestName.Preview(unused)}).");
        return new StartingModel(path, start.Model.Graph, HashOf([.. start.Model.SourceFiles]))
        {
            HuggingFace = start,
            Text = start.Text(),
            Labels = !start.HasHead ? [] : options.Labels.Count > 0 ? options.Labels : start.Model.Config.Labels,
            Description = $"{path} ({start.Model.Config.ModelType})",
            Notes = notes,
        };
    }

    private static StartingModel FromAdapter(string path, ModelOptions options, TextHead head, MethodOptions method)
    {
        var folder = AdapterFolder.Read(path, options.Base);
        if (folder.IsOfPictures) return FromPictureAdapter(path, folder, options);
        var start = HuggingFaceStart.LoadAdapter(folder, head, method);
        var adapter = start.Adapter!;
        return new StartingModel(path, start.Model.Graph, HashOf([.. start.Model.SourceFiles, System.IO.Path.Combine(adapter.Path, Methods.PeftAdapter.WeightsFile)]))
        {
            HuggingFace = start,
            Text = start.Text(),
            Labels = options.Labels.Count > 0 ? options.Labels : adapter.Task?.PredictionNames ?? start.Model.Config.Labels,
            Description = $"{path} (adapter of {adapter.Base})",
            Notes = [start.Additions is null ? $"The adapter is merged into its base, and {method.Name} starts from there; `--method {adapter.Adapter.Config.Method}` trains the adapter itself on." : $"The adapter of {adapter.Base} is trained on from its own weights."],
        };
    }

    private static StartingModel FromPictureAdapter(string path, AdapterFolder adapter, ModelOptions options)
    {
        var model = adapter.LoadBase();
        var attached = adapter.Adapter.Attach(model.Graph);
        return new StartingModel(path, attached.Merge(attached.Graph, out _), HashOf(VisionFolder.FindCheckpoint(adapter.Base), System.IO.Path.Combine(adapter.Path, Methods.PeftAdapter.WeightsFile)))
        {
            Images = adapter.Images ?? model.Vision!.Preprocessing,
            Labels = options.Labels.Count > 0 ? options.Labels : adapter.Task?.PredictionNames ?? model.Vision!.Labels,
            Description = $"{path} (adapter of {adapter.Base})",
            Notes = ["The adapter is merged into its base, and this run starts from there."],
        };
    }

    private static StartingModel FromEncoder(string path, string folder)
    {
        var start = HuggingFaceStart.Load(folder, TextHead.Embedding);
        var unused = start.Model.Unexpected.Count;
        return new StartingModel(path, start.Model.Graph, HashOf([.. start.Model.SourceFiles]))
        {
            HuggingFace = start,
            Text = start.Text(),
            Description = $"{path} ({start.Model.Config.ModelType}, {string.Join(" and ", start.Model.Pooling.Select(p => p.ToString().ToLowerInvariant()))} pooling{(start.Model.Normalizes ? ", unit length" : "")})",
            Notes = unused == 0 ? [] : [$"{unused} weights of {path} belong to a head and are not used ({NearestName.Preview(start.Model.Unexpected)})."],
        };
    }

    private static StartingModel FromCheckpoint(string path, ModelOptions options)
    {
        var model = VisionModel.Load(path, new VisionLoadOptions { Name = options.Name, Dropout = options.Dropout });
        return new StartingModel(path, model.Graph, HashOf(VisionFolder.FindCheckpoint(path)))
        {
            Images = model.Preprocessing,
            Vision = model.Shape,
            Labels = options.Labels.Count > 0 ? options.Labels : model.Labels,
            Description = $"{path} ({model.Name ?? model.Shape.Family})",
        };
    }

    private static StartingModel FromOnnx(string path, ModelOptions options, ImageOptions image)
    {
        var read = OnnxReader.ReadModel(path, OnnxReadOptions.ForTraining);
        var graph = ChannelsFirst(read.Graph with { Outputs = [AnswerOf(path, read.Graph)] });
        var text = TextOf(path, graph);
        var images = ImagesOf(graph, out var note);
        var rows = graph.Inputs.Select(i => i.Shape is { Rank: > 0 } shape ? shape[0].Size : null).FirstOrDefault(s => s is not null);
        if (rows > 1) throw new DataFormatException(path, null, null, $"takes exactly {rows} rows at once, and its shapes could not be freed of that number. Export it with a batch of 1, or with a dynamic batch axis.");
        var notes = new List<string>();
        if (note is not null && (image.Mean is null || image.Std is null)) notes.Add(note);
        if (rows == 1) notes.Add($"{path} takes one row at once, and its shapes could not be freed of that: every pass has one row, which is slow. Export it with a dynamic batch axis.");
        return new StartingModel(path, graph, HashOf(path))
        {
            Images = images,
            Text = text,
            Labels = options.Labels,
            Description = $"{path} ({(read.Producer.Length == 0 ? "ONNX" : read.Producer)}, opset {read.Opset})",
            Notes = notes,
            FixedRows = (int?)rows,
        };
    }

    /// <summary>The output that answers: real numbers per row that no other output is made from; of several the one whose name says so, else the last.</summary>
    private static ValueInfo AnswerOf(string path, Graph graph)
    {
        var known = ShapeInference.Infer(graph);
        var candidates = graph.Outputs.Where(o => known[o.Name].Type == DataType.Float && known[o.Name].Shape is { Rank: > 0 }).ToList();
        if (candidates.Count == 0) throw new DataFormatException(path, null, null, "has no output of real numbers, so there is nothing to learn from.");
        var writers = graph.Nodes.SelectMany(n => n.Outputs.Select(o => (o, n))).Where(p => p.o.Length > 0).ToDictionary(p => p.o, p => p.n, StringComparer.Ordinal);
        var last = candidates.Where(o => !candidates.Any(other => other != o && Reaches(other.Name, o.Name))).ToList();
        string[] words = ["logit", "prob", "softmax", "score", "class", "output"];
        return words.Select(w => last.FirstOrDefault(o => o.Name.Contains(w, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(o => o is not null) ?? last[^1];

        bool Reaches(string from, string to)
        {
            var open = new Stack<string>([from]);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (open.TryPop(out var value))
            {
                if (!seen.Add(value) || !writers.TryGetValue(value, out var node)) continue;
                foreach (var read in GraphSort.Reads(node))
                {
                    if (read == to) return true;
                    open.Push(read);
                }
            }
            return false;
        }
    }

    /// <summary>The tokenizer and the inputs of a text encoder; null for other graphs.</summary>
    private static TextStart? TextOf(string path, Graph graph)
    {
        if (TokenFields.Of(graph) is not { } fields || fields.All(f => f.Value != TokenField.Ids)) return null;
        if (TextStart.TokenizerBeside(path) is not { } file)
        {
            throw new DataFormatException(path, null, null, $"reads whole numbers ('{fields.First(f => f.Value == TokenField.Ids).Key}' {graph.Inputs.First(i => fields[i.Name] == TokenField.Ids).Type}), not real numbers: an encoder's token ids. No tokenizer stands beside it: put its tokenizer.json into the same folder (or name it {System.IO.Path.GetFileNameWithoutExtension(path)}.tokenizer.json).");
        }
        var tokenizer = Tokenizer.Load(file);
        var ids = graph.Inputs.First(i => fields[i.Name] == TokenField.Ids);
        var words = graph.Nodes.Where(n => n.Operator == "Gather" && n.Inputs[1] == ids.Name && graph.Weights.Contains(n.Inputs[0])).Select(n => graph.Weights[n.Inputs[0]].Value.Sizes[0]).DefaultIfEmpty(long.MaxValue).Min();
        if (tokenizer.LargestId >= words) throw new DataFormatException(file, null, null, FormattableString.Invariant($"gives ids up to {tokenizer.LargestId}, and {path} has {words} words: the tokenizer belongs to another model. Put the right one beside it."));
        var longest = (int)Math.Min(ids.Shape![1].Size ?? int.MaxValue, tokenizer.StoredOptions.MaxLength ?? tokenizer.ModelMaxLength ?? 512);
        return new TextStart(tokenizer, new TextSettings(longest, new TokenPadding(tokenizer.PadId ?? 0, longest, MultipleOf: ids.Shape[1].Size is { } exact ? (int)exact : 8), fields));
    }

    /// <summary>A network that takes [B, H, W, C], as TensorFlow's exporters write, takes [B, C, H, W] behind a Transpose.</summary>
    private static Graph ChannelsFirst(Graph graph)
    {
        if (graph.Inputs is not [{ Type: DataType.Float, Shape: { Rank: 4 } shape } input] || shape[3].Size is not (1 or 3) || shape[1].Size is 1 or 3) return graph;
        var name = input.Name + "_nchw";
        while (graph.Nodes.Any(n => n.Outputs.Contains(name, StringComparer.Ordinal)) || graph.Weights.Contains(name)) name += "_";
        var turn = new Node(name + "_to_nhwc", "Transpose", [name], [input.Name], Attributes.Of(("perm", new long[] { 0, 2, 3, 1 })));
        return graph with { Inputs = [new ValueInfo(name, DataType.Float, new Shape(shape[0], shape[3], shape[1], shape[2]))], Nodes = [turn, .. graph.Nodes] };
    }

    private static ImagePreprocessing? ImagesOf(Graph graph, out string? note)
    {
        note = null;
        if (graph.Inputs is not [{ Type: DataType.Float, Shape: { Rank: 4 } shape } input] || shape[1].Size is not (1 or 3)) return null;
        var (height, width) = ((int)(shape[2].Size ?? 224), (int)(shape[3].Size ?? shape[2].Size ?? 224));
        note = $"The ONNX file does not say how its pictures are prepared; input '{input.Name}' {shape} gets {(shape[1].Size == 1 ? "grey values" : "RGB")} with ImageNet's mean and deviation. If it was trained on other numbers, set image.mean and image.std (0 and 1 for plain [0, 1]).";
        var basis = ImagePreprocessing.ImageNet with { Height = height, Width = width };
        basis = height == width ? basis with { ResizeShorterSide = (int)Math.Round(height * 256 / 224.0) } : basis with { ResizeShorterSide = null, ResizeHeight = height, ResizeWidth = width };
        return shape[1].Size == 1 ? basis with { Channels = ImageChannels.Grey, Mean = [basis.Mean.Average()], Std = [basis.Std.Average()] } : basis;
    }

    /// <summary>SHA-256 of a file; of several, of their hashes in order.</summary>
    private static string HashOf(params string[] paths)
    {
        var hashes = paths.Select(path =>
        {
            using var stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }).ToList();
        return Convert.ToHexStringLower(hashes is [var one] ? one : SHA256.HashData([.. hashes.SelectMany(h => h)]));
    }
}
