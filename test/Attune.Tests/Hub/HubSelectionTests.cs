using Attune.Hub;

namespace Attune.Tests.Hub;

/// <summary>Which files of a repository are downloaded.</summary>
public sealed class HubSelectionTests
{
    [Fact]
    public void Of_the_usual_repository_comes_what_a_model_needs_and_no_code()
    {
        string[] names =
        [
            ".gitattributes", "1_Pooling/config.json", "README.md", "config.json", "config_sentence_transformers.json", "data_config.json", "model.safetensors", "modules.json", "onnx/model.onnx",
            "onnx/model_quint8_avx2.onnx", "openvino/openvino_model.bin", "openvino/openvino_model.xml", "pytorch_model.bin", "rust_model.ot", "sentence_bert_config.json", "special_tokens_map.json",
            "tf_model.h5", "tokenizer.json", "tokenizer_config.json", "train_script.py", "vocab.txt", "training_args.bin", "optimizer.pt", "a.pkl",
        ];
        string[] wanted =
        [
            "1_Pooling/config.json", "README.md", "config.json", "config_sentence_transformers.json", "data_config.json", "model.safetensors", "modules.json", "sentence_bert_config.json",
            "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
        ];
        var reasons = new Dictionary<string, string>();
        Assert.Equal(wanted, Choose(names, new(), reasons));
        Assert.Equal(names.Except(wanted).Order(), reasons.Keys.Order());
        Assert.Equal([.. wanted[..6], "modules.json", "onnx/model.onnx", .. wanted[7..]], Choose(names, new() { Onnx = true }));
        Assert.Equal(wanted, Choose(names, new() { AllowPickle = true }));
    }

    [Theory]
    [InlineData("model.safetensors model.fp16.safetensors consolidated.safetensors model-00001-of-00002.safetensors model.safetensors.index.json", "model.safetensors")]
    [InlineData("model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json consolidated.safetensors model.fp16.safetensors", "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json")]
    [InlineData("adapter_model.safetensors adapter_config.json adapter_model.bin", "adapter_model.safetensors adapter_config.json")]
    [InlineData("open_clip.safetensors tokenizer.model spm.model", "open_clip.safetensors tokenizer.model spm.model")]
    public void One_copy_of_the_weights_is_enough(string names, string wanted) => Assert.Equal(wanted.Split(' '), Choose(names.Split(' '), new() { AllowPickle = true }));

    [Theory]
    [InlineData("pytorch_model.bin training_args.bin model.pkl model.pt code.py", "pytorch_model.bin")]
    [InlineData("pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin pytorch_model.bin.index.json")]
    [InlineData("model.safetensors 2_Dense/config.json 2_Dense/pytorch_model.bin", "model.safetensors 2_Dense/config.json 2_Dense/pytorch_model.bin")]
    public void Pickle_weights_come_only_when_asked_for(string names, string wanted)
    {
        Assert.Equal(wanted.Split(' '), Choose(names.Split(' '), new() { AllowPickle = true }));
        Assert.DoesNotContain(Choose(names.Split(' '), new()), n => n.EndsWith(".bin", StringComparison.Ordinal));
        Assert.NotEmpty(HubSelection.PickleOnly(names.Split(' '), new HashSet<string>()));
    }

    [Fact]
    public void Weights_in_pickle_files_alone_are_refused_with_the_option_that_takes_them()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().With("config.json", "{}").With("pytorch_model.bin", HubServer.Bytes(1000), large: true);
        Assert.Contains("--allow-pickle", Assert.Throws<OptionsException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
        Assert.Equal(["config.json", "pytorch_model.bin"], new HubClient(server.Settings(folder)).Get("org/name", new HubPullOptions { AllowPickle = true }).Files.Select(f => f.Name));
    }

    [Fact]
    public void Modules_in_folders_of_any_name_come_when_modules_json_names_them()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().With("modules.json", """[{"idx":0,"path":""},{"idx":1,"path":"pooling"}]""").With("pooling/config.json", "{}").With("other/config.json", "{}");
        var pull = new HubClient(server.Settings(folder)).Get("org/name");
        Assert.Equal(["modules.json", "pooling/config.json"], pull.Files.Select(f => f.Name));
        Assert.Equal(["other/config.json"], pull.LeftOut.Select(f => f.Name));
    }

    [Fact]
    public void Shards_come_as_their_index_names_them()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().With("model.safetensors.index.json", """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""")
            .With("model-00001-of-00002.safetensors", HubServer.Bytes(10), large: true);
        var error = Assert.Throws<DataFormatException>(() => new HubClient(server.Settings(folder)).Get("org/name"));
        Assert.Contains("model-00002-of-00002.safetensors", error.Message, StringComparison.Ordinal);
        server.With("model-00002-of-00002.safetensors", HubServer.Bytes(11), large: true);
        Assert.Equal(3, new HubClient(server.Settings(folder)).Get("org/name").Files.Count);
        server.Commit = new string('c', 40);
        server.With("model.safetensors.index.json", """{"weight_map":{"a":"../../../evil.safetensors"}}""");
        Assert.Throws<DataFormatException>(() => new HubClient(server.Settings(folder)).Get("org/name"));
    }

    private static List<string> Choose(string[] names, HubPullOptions options, Dictionary<string, string>? reasons = null) => HubSelection.Choose(names, options, new HashSet<string>(), reasons ?? []);
}
