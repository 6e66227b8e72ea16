using Attune.Encoding;

namespace Attune.Options;

/// <summary>Everything a run can be told. The same tree is the library API, the YAML or JSON file, <c>--set</c> and the saved <c>run.json</c>.</summary>
public sealed record RunOptions
{
    /// <summary>Folder that receives the run. Required.</summary>
    public string? Out { get; init; }

    /// <summary>Which rows, and what is to be learned from them.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>How rows are divided.</summary>
    public SplitOptions Split { get; init; } = new();

    /// <summary>How cells become numbers.</summary>
    public EncodingOptions Encoding { get; init; } = new();

    /// <summary>How texts become numbers.</summary>
    public TextOptions Text { get; init; } = new();

    /// <summary>How pictures become numbers.</summary>
    public ImageOptions Image { get; init; } = new();

    /// <summary>How training pictures are varied.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Which network starts the run.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>What trains.</summary>
    public MethodOptions Method { get; init; } = new();

    /// <summary>What is minimised.</summary>
    public ObjectiveOptions Objective { get; init; } = new();

    /// <summary>How the loop runs.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How the model is judged.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>Checks the whole tree.</summary>
    /// <exception cref="OptionsException">Lists every problem with its option path.</exception>
    public void Validate() => Check().ThrowIfAny();

    // An earlier model brings its columns and its fitted preprocessing; what would change them has no effect, so it is refused.
    private void CheckKept(Problems problems)
    {
        const string why = "contradicts model.path (--model): the earlier model's columns and preprocessing are kept. Remove one of the two.";
        var usual = new RunOptions();
        foreach (var option in OptionCatalog.Run.Where(o => o.Path.StartsWith("encoding.", StringComparison.Ordinal)))
        {
            if (!Equals(option.Get(this), option.Get(usual))) problems.Add(option.Path, why);
        }
        if (Encoding.Columns.Count > 0) problems.Add("encoding.columns", why);
        if (Data.Exclude.Count > 0) problems.Add("data.exclude", why);
        foreach (var name in Data.Columns.Keys.Where(n => !Data.Targets.Contains(n, StringComparer.Ordinal))) problems.Add($"data.columns.{name}", why);
    }

    private void CheckMasked(Problems problems, bool earlier)
    {
        if (!earlier && Model.Name != "bert") problems.Add("model.path", "is required for --task mlm: name an encoder to go on from (--model), or begin anew with --set model.name=bert.");
        if (earlier && Text.Tokenizer is not null) problems.Add("text.tokenizer", "contradicts model.path (--model): the encoder has a tokenizer of its own. Remove one of the two.");
        if (Text.Columns.Count > 1) problems.Add("text.columns", "names two columns; pre-training reads one text. Name one.");
        if (Method.Name == "head") problems.Add("method.name", "head trains what stands on the encoder, and a masked language model's scores are its word embeddings. Choose full, last-n or an adapter.");
        if (Objective.Teacher is not null) problems.Add("objective.teacher", "is not supported for --task mlm. Leave it out.");
        if (Objective.ClassWeights != "none") problems.Add("objective.class-weights", "belongs to classes; hidden words have none. Leave it out.");
    }

    /// <summary>Every problem of the tree.</summary>
    internal Problems Check()
    {
        var problems = new Problems();
        var earlier = Model.Path is not null;
        if (string.IsNullOrWhiteSpace(Out)) problems.Add("out", "is required: name a folder for the run (--out FOLDER).");
        Data.Validate(problems);
        if (earlier) CheckKept(problems);
        if (Data.Task is "token-classification" or "embedding" or "question-answering")
        {
            if (!earlier) problems.Add("model.path", $"is required for {(Data.Task switch { "embedding" => "embeddings", "question-answering" => "answering questions", _ => "tagging words" })}: name a text encoder, a Hugging Face folder or an ONNX file with its tokenizer (--model).");
        }
        else if (Data.Task == "mlm") CheckMasked(problems, earlier);
        else if (Data.Target is null && !earlier && !Directory.Exists(Data.Path)) problems.Add("data.target", "is required: name the column to predict (--target COLUMN).");
        if (Data.Task != "mlm" && !earlier && Model.Name == "bert") problems.Add("model.name", "bert is made by pre-training (--task mlm); then name that run with --model.");
        if (Data.Task != "mlm" && Text.Tokenizer is not null) problems.Add("text.tokenizer", "belongs to a new encoder (--task mlm --set model.name=bert); a model brings its own.");
        Split.Validate(problems);
        var encoding = new List<string>();
        Encoding.Validate(encoding);
        problems.AddAll(encoding);
        Text.Validate(problems, Data.Task is "embedding" or "auto");
        Image.Validate(problems);
        Augmentation.Validate(problems);
        Model.Validate(problems);
        Method.Validate(problems, earlier);
        Objective.Validate(problems, earlier);
        Training.Validate(problems);
        if (Augmentation is { Mixup: > 0 } or { Cutmix: > 0 })
        {
            // Mixed rows have no teacher's answer of their own, and two passes of a row would be mixed with different partners.
            if (Objective.Teacher is not null) problems.Add("objective.teacher", "saw rows that are not mixed. Leave augmentation.mixup and augmentation.cutmix at 0.");
            if (Objective.RDrop > 0) problems.Add("objective.r-drop", "compares two passes of the same row. Leave augmentation.mixup and augmentation.cutmix at 0.");
        }
        Evaluation.Validate(problems);
        return problems;
    }
}
