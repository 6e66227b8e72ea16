using Attune.Options;
using Attune.Runs;
using Attune.Tests.Runs;

namespace Attune.Tests.Options;

/// <summary>Trap 43: an option that nothing reads is believed on and is off. Every path is changed once, and the run has to come out differently.</summary>
public sealed class OptionEffectTests : IClassFixture<OptionEffectTests.Data>
{
    /// <summary>A foreign ONNX file on pictures.</summary>
    private static readonly string[] Photos = ["data.path=$/photos", "model.path=$/photos.onnx", "image.size=24"];

    /// <summary>A foreign encoder of texts.</summary>
    private static readonly string[] Texts = ["data.path=$/texts.csv", "data.target=label", "text.columns=review", "model.path=$/encoder.onnx", "training.batch-size=8", "training.learning-rate=0.01"];

    /// <summary>A Hugging Face folder, whose positions tell the order of words.</summary>
    private static readonly string[] Ordered = ["data.path=$/texts.csv", "data.target=label", "text.columns=review", "model.path=$/bert", "training.batch-size=8", "training.learning-rate=0.01"];

    /// <summary>Pairs of texts that are alike or not.</summary>
    private static readonly string[] Alike = ["data.path=$/alike.csv", "data.task=embedding", "data.target=label", "text.columns=text1,text2", "model.path=$/encoder.onnx", "training.learning-rate=0.01"];

    /// <summary>Questions about texts, some without an answer.</summary>
    private static readonly string[] Asked = ["data.path=$/questions.json", "data.target=null", "data.task=question-answering", "model.path=$/bert", "text.max-length=20", "training.learning-rate=0.01"];

    /// <summary>A new encoder that is pre-trained on texts.</summary>
    private static readonly string[] Pretraining = [SmallTables.DefaultNetwork, "data.path=$/texts.csv", "data.target=null", "data.task=mlm", "text.columns=review", "model.name=bert", "model.layers=1", "model.width=8", "training.learning-rate=0.01"];

    /// <summary>Changes that may end in an error, because refusing is what they do: it has to name the second.</summary>
    private static readonly Dictionary<string, string> Refusing = new()
    {
        ["data.task=classification"] = "price",
        ["image.max-unreadable=0"] = "image.max-unreadable",
        ["image.max-pixels=100"] = "image.max-pixels",
        ["training.device=cuda"] = "CUDA",
    };

    /// <summary>Setting that changes the path; settings that both runs share and that make it apply. $ stands for the folder of the tables.</summary>
    private static readonly Dictionary<string, (string Change, string[] Shared)> Changes = new()
    {
        ["data.path"] = ("data.path=$/other.csv", []),
        ["data.test"] = ("data.test=$/other.csv", []),
        ["data.validation"] = ("data.validation=$/other.csv", []),
        ["data.target"] = ("data.target=city", []),
        ["data.task"] = ("data.task=classification", ["data.path=$/prices.csv", "data.target=price"]),
        ["data.label-separator"] = ("data.label-separator=|", ["data.path=$/tags.csv", "data.target=tags"]),
        ["data.positive"] = ("data.positive=no", ["data.positive=yes"]),
        ["data.missing"] = ("data.missing=Oslo", []),
        ["data.columns"] = ("data.columns.size=category", []),
        ["data.exclude"] = ("data.exclude=age", []),
        ["split.test"] = ("split.test=0.3", []),
        ["split.validation"] = ("split.validation=0.3", []),
        ["split.group"] = ("split.group=city", []),
        ["split.time"] = ("split.time=age", []),
        ["encoding.numeric"] = ("encoding.numeric=min-max", []),
        ["encoding.divisor"] = ("encoding.divisor=50", ["encoding.numeric=divide"]),
        ["encoding.range-low"] = ("encoding.range-low=-1", ["encoding.numeric=min-max"]),
        ["encoding.range-high"] = ("encoding.range-high=2", ["encoding.numeric=min-max"]),
        ["encoding.clip-to-range"] = ("encoding.clip-to-range=true", ["encoding.numeric=min-max"]),
        ["encoding.clip"] = ("encoding.clip=1", []),
        ["encoding.smooth-clip"] = ("encoding.smooth-clip=2", []),
        ["encoding.center"] = ("encoding.center=false", []),
        ["encoding.scale"] = ("encoding.scale=false", []),
        ["encoding.robust-low"] = ("encoding.robust-low=0.1", ["encoding.numeric=robust"]),
        ["encoding.robust-high"] = ("encoding.robust-high=0.9", ["encoding.numeric=robust"]),
        ["encoding.unit-variance"] = ("encoding.unit-variance=true", ["encoding.numeric=robust"]),
        ["encoding.quantiles"] = ("encoding.quantiles=7", ["encoding.numeric=quantile"]),
        ["encoding.bins"] = ("encoding.bins=3", ["encoding.numeric=bins"]),
        ["encoding.bin-edges"] = ("encoding.bin-edges=uniform", ["encoding.numeric=bins"]),
        ["encoding.impute"] = ("encoding.impute=median", []),
        ["encoding.fill-value"] = ("encoding.fill-value=7", ["encoding.impute=constant"]),
        ["encoding.missing-flags"] = ("encoding.missing-flags=never", []),
        ["encoding.categorical"] = ("encoding.categorical=embedding", []),
        ["encoding.max-one-hot"] = ("encoding.max-one-hot=2", []),
        ["encoding.min-frequency"] = ("encoding.min-frequency=40", []),
        ["encoding.max-categories"] = ("encoding.max-categories=3", []),
        ["encoding.embedding-width"] = ("encoding.embedding-width=7", ["encoding.categorical=embedding"]),
        ["encoding.columns"] = ("encoding.columns.age.numeric=robust", []),
        ["text.columns"] = ("text.columns=other", Texts),
        ["text.max-length"] = ("text.max-length=5", Texts),
        ["text.bucket-by-length"] = ("text.bucket-by-length=false", Texts),
        ["text.mask-share"] = ("text.mask-share=0.4", Pretraining),
        ["text.tokenizer"] = ("text.tokenizer=$/encoder.tokenizer.json", Pretraining),
        ["text.vocabulary-size"] = ("text.vocabulary-size=100", Pretraining),
        ["text.doc-stride"] = ("text.doc-stride=2", Asked),
        ["text.max-answer-tokens"] = ("text.max-answer-tokens=1", [.. Asked, "text.no-answer-threshold=1000"]),
        ["text.no-answer-threshold"] = ("text.no-answer-threshold=-1000", Asked),
        ["image.size"] = ("image.size=20", Photos),
        ["image.resize"] = ("image.resize=40", Photos),
        ["image.interpolation"] = ("image.interpolation=nearest", Photos),
        ["image.channels"] = ("image.channels=bgr", Photos),
        ["image.mean"] = ("image.mean=0.3", Photos),
        ["image.std"] = ("image.std=0.5", Photos),
        ["image.background"] = ("image.background=#002040", Photos),
        ["image.path-column"] = ("image.path-column=other", ["data.path=$/photos.csv", "model.path=$/photos.onnx", "image.size=24"]),
        ["image.max-unreadable"] = ("image.max-unreadable=0", ["data.path=$/damaged", "model.path=$/photos.onnx", "image.size=24", "image.max-unreadable=0.1"]),
        ["image.max-pixels"] = ("image.max-pixels=100", Photos),
        ["augmentation.recipe"] = ("augmentation.recipe=none", Photos),
        ["augmentation.crop-scale"] = ("augmentation.crop-scale=0.2", Photos),
        ["augmentation.crop-ratio"] = ("augmentation.crop-ratio=2", Photos),
        ["augmentation.horizontal-flip"] = ("augmentation.horizontal-flip=0", Photos),
        ["augmentation.vertical-flip"] = ("augmentation.vertical-flip=0.5", Photos),
        ["augmentation.brightness"] = ("augmentation.brightness=0.4", Photos),
        ["augmentation.contrast"] = ("augmentation.contrast=0.4", Photos),
        ["augmentation.saturation"] = ("augmentation.saturation=0.4", Photos),
        ["augmentation.hue"] = ("augmentation.hue=0.2", Photos),
        ["augmentation.grayscale"] = ("augmentation.grayscale=0.5", Photos),
        ["augmentation.blur"] = ("augmentation.blur=0.5", Photos),
        ["augmentation.rand-augment-operations"] = ("augmentation.rand-augment-operations=3", [.. Photos, "augmentation.recipe=rand-augment"]),
        ["augmentation.rand-augment-magnitude"] = ("augmentation.rand-augment-magnitude=25", [.. Photos, "augmentation.recipe=rand-augment"]),
        ["augmentation.erasing"] = ("augmentation.erasing=0.5", Photos),
        ["augmentation.mixup"] = ("augmentation.mixup=0.4", Photos),
        ["augmentation.cutmix"] = ("augmentation.cutmix=1", Photos),
        ["augmentation.word-deletion"] = ("augmentation.word-deletion=0.3", Texts),
        ["augmentation.word-swap"] = ("augmentation.word-swap=0.5", Ordered),
        ["augmentation.synonyms"] = ("augmentation.synonyms=$/synonyms.txt", [.. Texts, "augmentation.word-deletion=0.1"]),
        ["augmentation.synonym-share"] = ("augmentation.synonym-share=1", [.. Texts, "augmentation.synonyms=$/synonyms.txt"]),
        ["augmentation.word-masking"] = ("augmentation.word-masking=0.3", Texts),
        ["augmentation.mask-with"] = ("augmentation.mask-with=model", [.. Ordered, "augmentation.word-masking=0.3", "augmentation.mask-with=mask-token"]),
        ["model.path"] = ("model.path=$/first", [SmallTables.DefaultNetwork]),
        ["model.head-at"] = ("model.head-at=layers.0.out", ["model.path=$/first"]),
        ["model.labels"] = ("model.labels=blue,green,red", Photos),
        ["model.name"] = ("model.name=linear", [SmallTables.DefaultNetwork]),
        ["model.hidden-sizes"] = ("model.hidden-sizes=8,7", []),
        ["model.activation"] = ("model.activation=tanh", []),
        ["model.normalization"] = ("model.normalization=layer", ["model.normalization=none"]),
        ["model.dropout"] = ("model.dropout=0.5", []),
        ["model.residual"] = ("model.residual=true", []),
        ["model.layers"] = ("model.layers=2", Pretraining),
        ["model.width"] = ("model.width=12", Pretraining),
        ["model.heads"] = ("model.heads=2", Pretraining),
        ["method.name"] = ("method.name=head", ["model.path=$/first"]),
        ["method.blocks"] = ("method.blocks=2", ["model.path=$/first", "method.name=last-n"]),
        ["method.train"] = ("method.train=layers.0.*", ["model.path=$/first"]),
        ["method.freeze"] = ("method.freeze=*.bias", ["model.path=$/first"]),
        ["method.unfreeze-every"] = ("method.unfreeze-every=1", ["model.path=$/first"]),
        ["method.head-first"] = ("method.head-first=false", Photos),
        ["method.freeze-batch-norm"] = ("method.freeze-batch-norm=false", Photos),
        ["method.rank"] = ("method.rank=2", ["model.path=$/first", "method.name=lora"]),
        ["method.alpha"] = ("method.alpha=1", ["model.path=$/first", "method.name=lora"]),
        ["method.rank-stabilized"] = ("method.rank-stabilized=true", ["model.path=$/first", "method.name=lora"]),
        ["method.dropout"] = ("method.dropout=0.5", ["model.path=$/first", "method.name=lora"]),
        ["method.rank-pattern"] = ("method.rank-pattern=layers.1.weight=2", ["model.path=$/first", "method.name=lora"]),
        ["method.alpha-pattern"] = ("method.alpha-pattern=layers.1.weight=1", ["model.path=$/first", "method.name=lora"]),
        ["method.layers"] = ("method.layers=1", ["model.path=$/first", "method.name=lora"]),
        ["method.target"] = ("method.target=layers.1.*", ["model.path=$/first", "method.name=lora"]),
        ["method.reduction-factor"] = ("method.reduction-factor=4", [.. Ordered, "method.name=bottleneck"]),
        ["method.bottleneck-size"] = ("method.bottleneck-size=5", [.. Ordered, "method.name=bottleneck"]),
        ["method.activation"] = ("method.activation=relu", [.. Ordered, "method.name=bottleneck"]),
        ["method.placement"] = ("method.placement=feed-forward", [.. Ordered, "method.name=bottleneck"]),
        ["method.virtual-tokens"] = ("method.virtual-tokens=4", [.. Ordered, "method.name=prompt-tuning"]),
        ["method.pairs"] = ("method.pairs=1", [.. Texts, "method.name=setfit"]),
        ["method.pair-learning-rate"] = ("method.pair-learning-rate=0.01", [.. Texts, "method.name=setfit"]),
        ["method.freeze-layers"] = ("method.freeze-layers=1", ["model.path=$/first"]),
        ["method.layer-rate-decay"] = ("method.layer-rate-decay=0.5", []),
        ["objective.loss"] = ("objective.loss=mae", ["data.path=$/prices.csv", "data.target=price"]),
        ["objective.label-smoothing"] = ("objective.label-smoothing=0.2", []),
        ["objective.class-weights"] = ("objective.class-weights=balanced", []),
        ["objective.delta"] = ("objective.delta=0.1", ["data.path=$/prices.csv", "data.target=price", "objective.loss=huber"]),
        ["objective.focal-gamma"] = ("objective.focal-gamma=0.5", ["objective.loss=focal"]),
        ["objective.focal-alpha"] = ("objective.focal-alpha=0.9", ["objective.loss=focal"]),
        ["objective.gamma-positive"] = ("objective.gamma-positive=0", ["objective.loss=asymmetric"]),
        ["objective.gamma-negative"] = ("objective.gamma-negative=1", ["objective.loss=asymmetric"]),
        ["objective.clip"] = ("objective.clip=0.3", ["objective.loss=asymmetric"]),
        ["objective.quantile"] = ("objective.quantile=0.9", ["data.path=$/prices.csv", "data.target=price", "objective.loss=quantile"]),
        ["objective.tweedie-power"] = ("objective.tweedie-power=1.2", ["data.path=$/counts.csv", "data.target=n", "data.task=regression", "objective.loss=tweedie"]),
        ["objective.scale"] = ("objective.scale=2", Alike),
        ["objective.margin"] = ("objective.margin=1.5", [.. Alike, "objective.loss=contrastive"]),
        ["objective.teacher"] = ("objective.teacher=$/first", []),
        ["objective.distillation-temperature"] = ("objective.distillation-temperature=5", ["objective.teacher=$/first"]),
        ["objective.distillation-weight"] = ("objective.distillation-weight=0", ["objective.teacher=$/first"]),
        ["objective.r-drop"] = ("objective.r-drop=1", []),
        ["objective.confidence-penalty"] = ("objective.confidence-penalty=0.3", []),
        ["objective.fgm-epsilon"] = ("objective.fgm-epsilon=0.5", ["encoding.categorical=embedding"]),
        ["objective.neftune-alpha"] = ("objective.neftune-alpha=5", ["encoding.categorical=embedding"]),
        ["objective.l2-sp"] = ("objective.l2-sp=1", ["model.path=$/first"]),
        ["training.epochs"] = ("training.epochs=5", []),
        ["training.batch-size"] = ("training.batch-size=31", []),
        ["training.micro-batch-size"] = ("training.micro-batch-size=7", ["model.dropout=0.5"]),
        ["training.learning-rate"] = ("training.learning-rate=0.02", []),
        ["training.optimizer"] = ("training.optimizer=sgd", []),
        ["training.weight-decay"] = ("training.weight-decay=0.5", []),
        ["training.momentum"] = ("training.momentum=0.9", ["training.optimizer=sgd"]),
        ["training.nesterov"] = ("training.nesterov=true", ["training.optimizer=sgd", "training.momentum=0.9"]),
        ["training.beta1"] = ("training.beta1=0.5", []),
        ["training.beta2"] = ("training.beta2=0.9", []),
        ["training.epsilon"] = ("training.epsilon=0.1", []),
        ["training.beta3"] = ("training.beta3=0.5", ["training.optimizer=adan"]),
        ["training.amsgrad"] = ("training.amsgrad=true", []),
        ["training.centered"] = ("training.centered=true", ["training.optimizer=rmsprop"]),
        ["training.scale-by-weight"] = ("training.scale-by-weight=true", ["training.optimizer=adafactor"]),
        ["training.schedule-minimum"] = ("training.schedule-minimum=0.3", []),
        ["training.schedule-cycles"] = ("training.schedule-cycles=2", []),
        ["training.schedule-cycle-growth"] = ("training.schedule-cycle-growth=2", ["training.schedule=cosine-restarts"]),
        ["training.schedule-power"] = ("training.schedule-power=4", ["training.schedule=polynomial"]),
        ["training.schedule-gamma"] = ("training.schedule-gamma=0.5", ["training.schedule=step"]),
        ["training.schedule-drop-every"] = ("training.schedule-drop-every=0.2", ["training.schedule=step"]),
        ["training.schedule-decay-ratio"] = ("training.schedule-decay-ratio=0.8", ["training.schedule=warmup-stable-decay"]),
        ["training.schedule-patience"] = ("training.schedule-patience=0", ["training.schedule=plateau", "training.epochs=12", "training.learning-rate=0.2"]),
        ["training.schedule-threshold"] = ("training.schedule-threshold=0.5", ["training.schedule=plateau", "training.schedule-patience=0"]),
        ["training.schedule"] = ("training.schedule=constant", []),
        ["training.warmup-ratio"] = ("training.warmup-ratio=0.5", []),
        ["training.max-gradient-norm"] = ("training.max-gradient-norm=0.01", []),
        ["training.patience"] = ("training.patience=1", ["training.epochs=40", "training.learning-rate=0.2"]),
        ["training.ema-decay"] = ("training.ema-decay=0.9", []),
        ["training.engine"] = ("training.engine=torch", []),
        ["training.precision"] = ("training.precision=bf16", Photos),
        ["training.device"] = ("training.device=cuda", Photos),
        ["training.gradient-checkpointing"] = ("training.gradient-checkpointing=true", []),   // libtorch runs it, and the dense engine would not
        ["training.micro-batch-tokens"] = ("training.micro-batch-tokens=40", Texts),
        ["training.prefix-cache"] = ("training.prefix-cache=bf16", [.. Photos, "method.name=head"]),
        ["training.prefix-views"] = ("training.prefix-views=1", [.. Photos, "method.name=head"]),
        ["training.seed"] = ("training.seed=2", []),
        ["evaluation.metric"] = ("evaluation.metric=roc_auc", []),
        ["evaluation.general-text"] = ("evaluation.general-text=$/texts.csv", Texts),
        ["evaluation.resamples"] = ("evaluation.resamples=150", []),
    };

    /// <summary>Options whose effect is not in the results; each has a test of its own below (<c>model.base</c>: AdapterRunTests).</summary>
    private static readonly string[] Special = ["model.base", "image.ahead-megabytes", "image.cache-megabytes", "out", "training.checkpoint-seconds", "training.prefix-disk", "training.prefix-memory", "training.threads"];

    private readonly Data _data;

    public OptionEffectTests(Data data) => _data = data;

    public static TheoryData<string> Paths() => [.. OptionsReader.Paths.Except(Special)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Trap_43_changing_the_option_changes_the_run(string path)
    {
        Assert.True(Changes.ContainsKey(path), $"{path} is new: say here how to change it and when it applies.");
        var (change, shared) = Changes[path];
        Assert.StartsWith(path, change, StringComparison.Ordinal);
        Assert.NotEqual(_data.Outcome(shared), _data.Outcome([.. shared, change]));
    }

    [Fact]
    public void Trap_43_out_is_where_the_run_is_written()
    {
        using var folder = TestFiles.Folder();
        var output = Path.Combine(folder.Path, "deep", "run");
        FineTuning.Run(SmallTables.Quick(_data.Table("table.csv"), "label", output));
        Assert.True(File.Exists(Path.Combine(output, "verdict.json")));
    }

    [Fact]
    public void Trap_43_threads_are_used_and_stand_in_the_environment()
    {
        using var folder = TestFiles.Folder();
        var run = Path.Combine(folder.Path, "run");
        FineTuning.Run(SmallTables.Quick(_data.Table("table.csv"), "label", run, "training.threads=2"));
        Assert.EndsWith("threads 2", RunFolder.Open(run).ReadRun()["environment"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Trap_43_checkpoint_seconds_decide_how_often_state_is_saved()
    {
        using var folder = TestFiles.Folder();
        Assert.True(Checkpoints("0") && !Checkpoints("1000"));

        bool Checkpoints(string seconds)
        {
            var run = Path.Combine(folder.Path, "run" + seconds);
            var during = new DuringTraining(() => File.Exists(RunFolder.Open(run).CheckpointFile));
            FineTuning.Run(SmallTables.Quick(_data.Table("table.csv"), "label", run, "training.checkpoint-seconds=" + seconds), new RunRequest { Callbacks = [during] });
            return during.Seen;
        }
    }

    [Fact]
    public void Trap_43_cached_pictures_are_not_read_again()
    {
        using var folder = TestFiles.Folder();
        Assert.Null(Again("512"));
        Assert.Contains(".png", Again("0")!, StringComparison.Ordinal);

        string? Again(string megabytes)
        {
            var photos = SmallPictures.Folder(Path.Combine(folder.Path, "photos" + megabytes), 12);
            using var run = RunPreparation.Prepare(Pictures(photos, "augmentation.recipe=none", "image.cache-megabytes=" + megabytes));
            var input = (Attune.Batching.ImageInput)run.Train.Inputs[0];
            int[] rows = [.. Enumerable.Range(0, run.Train.Rows)];
            input.Read(rows, 0, new float[rows.Length * input.Width]);
            Directory.Delete(photos, recursive: true);
            try { input.Read(rows, 1, new float[rows.Length * input.Width]); }
            catch (DataFormatException e) { return e.Message; }
            return null;
        }
    }

    [Fact]
    public void Trap_43_no_more_pictures_wait_than_fit_into_the_megabytes_ahead()
    {
        Assert.Equal(2, Ahead("1", 2));    // 3 × 200 × 200 numbers of 4 bytes
        Assert.Equal(9, Ahead("16", 9));

        int Ahead(string megabytes, int expected)
        {
            using var run = RunPreparation.Prepare(Pictures(_data.Table("photos"), "image.size=200", "image.ahead-megabytes=" + megabytes));
            var input = (Attune.Batching.ImageInput)run.Train.Inputs[0];
            input.Expect([0, 1, 2, 3, 4, 5, 6, 7, 8], 0);
            SpinWait.SpinUntil(() => input.Ahead == expected, TimeSpan.FromSeconds(20));
            return input.Ahead;
        }
    }

    [Theory]
    [InlineData("0", "0", false)]
    [InlineData("1", "0", true)]
    [InlineData("0", "1", true)]
    public void Trap_43_features_are_kept_where_memory_or_disk_allow_it_and_the_results_are_the_same(string memory, string disk, bool kept)
    {
        using var folder = TestFiles.Folder();
        var run = Path.Combine(folder.Path, "run");
        var (usual, limited) = (new Watching(), new Watching());
        FineTuning.Run(Pictures(_data.Table("photos"), "method.name=head") with { Out = run }, new RunRequest { Callbacks = [usual] });
        var expected = SmallTables.Results(run);
        FineTuning.Run(Pictures(_data.Table("photos"), "method.name=head", "training.prefix-memory=" + memory, "training.prefix-disk=" + disk) with { Out = run }, new RunRequest { Callbacks = [limited], Force = true });
        Assert.Contains("computing features of the training rows", usual.Progressed);
        Assert.Equal(kept, limited.Progressed.Contains("computing features of the training rows"));
        if (kept) Assert.Equal(expected, SmallTables.Results(run));   // without, every epoch trains on views of its own
    }

    [Fact]
    public void Trap_19_computing_activations_again_changes_no_bit()
    {
        using var folder = TestFiles.Folder();
        Dictionary<string, string> Run(string checkpointing)
        {
            var run = Path.Combine(folder.Path, checkpointing);
            FineTuning.Run(SmallTables.Quick(_data.Table("table.csv"), "label", run, "training.engine=torch", "model.normalization=batch", "model.dropout=0.3", "training.gradient-checkpointing=" + checkpointing));
            return SmallTables.Results(run);
        }
        Assert.Equal(Run("false"), Run("true"));
    }

    private Attune.Options.RunOptions Pictures(string photos, params string[] settings)
        => SmallTables.Quick(photos, "label", "x", ["model.path=" + _data.Table("photos.onnx"), "image.size=24", .. settings]);

    private sealed class Watching : Attune.Training.Callback
    {
        public HashSet<string> Progressed { get; } = [];

        public override void Progress(string what, int done, int all) => Progressed.Add(what);
    }

    private sealed class DuringTraining(Func<bool> look) : Attune.Training.Callback
    {
        public bool Seen { get; private set; }

        public override void Step(in Attune.Training.StepReport report) => Seen |= look();
    }

    public sealed class Data : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();
        private readonly Dictionary<string, string> _known = [];
        private int _runs;

        public Data()
        {
            _folder.Write("table.csv", SmallTables.Binary(400));
            _folder.Write("other.csv", SmallTables.Binary(300, "other", 0.2));
            _folder.Write("prices.csv", SmallTables.Prices(300));
            _folder.Write("counts.csv", "x,n\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i % 20},{(i * 7 % 3 == 0 ? 0 : i % 20 + i * 11 % 5)}\n")));
            _folder.Write("tags.csv", "x,tags\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"{i * 7 % 40},{(i % 3 == 0 ? "red" : i % 3 == 1 ? "red|blue" : "blue")}\n")));
            _folder.Write("alike.csv", "text1,text2,label\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"{(i % 2 == 0 ? "good" : "dull")} {(i % 3 == 0 ? "tea" : "dog")},{(i % 5 < 2 ? "great" : "stale")} {(i % 7 < 3 ? "box" : "bread")},{(i % 2 == 0 == i % 5 < 2 ? 1 : 0)}\n")));
            FineTuning.Run(SmallTables.Quick(Table("other.csv"), "label", Table("first")));
            SmallPictures.List(SmallPictures.Folder(Table("photos")));
            SmallPictures.Folder(Table("damaged"));
            File.WriteAllBytes(Table("damaged/red/broken.png"), SmallPictures.Png(2, 99)[..400]);
            SmallPictures.Network(Table("photos.onnx"), 3);
            SmallTexts.WriteTable(Table(""), 60);
            SmallTexts.WriteEncoder(Table(""));
            File.WriteAllText(Table("synonyms.txt"), "coffee, tea, bread\ngood, great, lovely\nbad, awful\n");
            SmallTexts.WriteBert(Table("bert"));
            SmallQuestions.Write(Table(""), 40, impossible: true);
        }

        public string Table(string name) => Path.Combine(_folder.Path, name);

        /// <summary>Everything a run leaves that a user would look at, or its error.</summary>
        public string Outcome(string[] settings)
        {
            var key = string.Join(' ', settings);
            if (_known.TryGetValue(key, out var known)) return known;
            var run = Path.Combine(_folder.Path, "run" + _runs++);
            try
            {
                var options = SmallTables.Quick(Table("table.csv"), "label", run, [.. settings.Select(s => s.Replace("$", _folder.Path, StringComparison.Ordinal))]);
                FineTuning.Run(options);
                known = string.Join(' ', SmallTables.Results(run).Where(r => r.Key is not ("model/model.json" or "model/receipt.json")));
            }
            catch (AttuneException e)
            {
                known = e.Message;
                Assert.True(Refusing.TryGetValue(settings[^1], out var named) && e.Message.Contains(named, StringComparison.OrdinalIgnoreCase), e.Message);
            }
            return _known[key] = known;
        }

        public void Dispose() => _folder.Dispose();
    }
}
