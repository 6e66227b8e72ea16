using System.IO.Compression;

using System.Text.Json;
using Attune.Graphs;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Weights;

public sealed class CheckpointReaderTests
{
    private static string File(string name) => TestFiles.At("test", "data", "checkpoints", name);

    [Theory]
    [InlineData("zip.pth", "torch zip", "")]
    [InlineData("legacy.pth", "torch legacy", "")]
    [InlineData("protocol4.pth", "torch zip", "")]
    [InlineData("wrapped.ckpt", "torch zip", "module.")]
    public void State_dicts_have_PyTorchs_numbers(string file, string format, string prefix)
    {
        var read = CheckpointReader.Read(File(file));
        Assert.Equal(format, read.Format);
        Assert.Equal(prefix, read.Prefix);
        using var values = JsonDocument.Parse(System.IO.File.ReadAllBytes(File("values.json")));
        Assert.Equal(values.RootElement.EnumerateObject().Select(v => v.Name), read.Weights.All.Select(w => w.Name));
        foreach (var entry in values.RootElement.EnumerateObject())
        {
            var tensor = read.Weights[entry.Name].Value;
            if (tensor.Type == DataType.Int64) Assert.Equal(entry.Value[0].GetInt64(), tensor.Data.Span<long>()[0]);
            else Assert.Equal(entry.Value.EnumerateArray().Select(v => v.GetSingle()), tensor.Data.Span<float>().ToArray());
        }
        Assert.Equal([4, 3, 3, 3], read.Weights["conv.weight"].Value.Sizes);
        Assert.Equal([], read.Weights["bn.num_batches_tracked"].Value.Sizes);
    }

    [Theory]
    [InlineData("views.pth")]
    [InlineData("views_legacy.pth")]
    public void Views_become_contiguous_and_tied_weights_one_entry(string file)
    {
        var read = CheckpointReader.Read(File(file)).Weights;
        float At(int row, int column) => 6 * row + column;
        var transposed = read["transposed"].Value;
        Assert.Equal([6, 4], transposed.Sizes);
        for (var i = 0; i < 6; i++)
            for (var j = 0; j < 4; j++) Assert.Equal(At(j, i), transposed.Data.Span<float>()[4 * i + j]);
        Assert.Equal([At(1, 2), At(1, 3), At(1, 4), At(2, 2), At(2, 3), At(2, 4)], read["slice"].Value.Data.Span<float>().ToArray());
        Assert.Same(read["tied_a"], read["tied_b"]);
        Assert.Equal(["tied_b"], read["tied_a"].Aliases);
        Assert.Equal(At(3, 5), read["bf16"].Value.ToFloat().Data.Span<float>()[23]);
    }

    [Fact]
    public void All_element_types_scalars_and_parameters_are_read()
    {
        var read = CheckpointReader.Read(File("views.pth")).Weights;
        Assert.Equal(DataType.Float16, read["half"].Value.Type);
        Assert.Equal(23, read["half"].Value.ToFloat().Data.Span<float>()[23]);
        Assert.Equal(23, read["double"].Value.Data.Span<double>()[23]);
        Assert.Equal([0, 1, 2, 3, 4], read["int"].Value.Data.Span<long>().ToArray());
        Assert.Equal(WeightRole.Constant, read["int"].Role);
        Assert.Equal([1, 0], read["bool"].Value.Data.Span<byte>().ToArray());
        Assert.Equal(2.5f, read["scalar"].Value.Data.Span<float>()[0]);
        Assert.Equal([0, 3], read["empty"].Value.Sizes);
        Assert.Equal([1, 1], read["param"].Value.Data.Span<float>().ToArray());
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (float)i), read["channels_last"].Value.Data.Span<float>().ToArray());
    }

    [Theory]
    [InlineData("evil.pth", "posix.system")]
    [InlineData("namespace.pth", "argparse.Namespace")]
    [InlineData("whole_module.pth", "torch.nn.modules.container.Sequential")]
    [InlineData("script.pt", "TorchScript")]
    [InlineData("list.pth", "no dict of named tensors")]
    public void What_is_not_a_tensor_is_refused_by_name(string file, string word)
    {
        var error = Assert.Throws<DataFormatException>(() => CheckpointReader.Read(File(file)));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 4, 0, new[] { 2L, 2 }, new[] { 2L, 1 }, null)]
    [InlineData("0", 4, 1, new[] { 2L, 2 }, new[] { 2L, 1 }, "leaves its storage")]
    [InlineData("0", 4, 0, new[] { 2L, 2 }, new[] { 3L, 1 }, "leaves its storage")]
    [InlineData("0", 4, -1, new[] { 1L }, new[] { 1L }, "not possible")]
    [InlineData("0", 4, 0, new[] { -2L }, new[] { 1L }, "not possible")]
    [InlineData("0", 4, 0, new[] { 2L }, new[] { -1L }, "not possible")]
    [InlineData("0", 4, 0, new[] { 2L, 2 }, new[] { 1L }, "not possible")]
    [InlineData("0", 4, 0, new[] { int.MaxValue, (long)int.MaxValue, int.MaxValue }, new[] { 0L, 0, 0 }, "63 bits")]
    [InlineData("0", 4, 0, new[] { 2_000_000_000L }, new[] { 0L }, "too often")]
    [InlineData("0", 4, 2, new[] { 2L }, new[] { long.MaxValue }, "63 bits")]
    [InlineData("0", 5, 0, new[] { 4L }, new[] { 1L }, "16 bytes")]
    [InlineData("9", 4, 0, new[] { 4L }, new[] { 1L }, "lacks the entry 'archive/data/9'")]
    [InlineData("../0", 4, 0, new[] { 4L }, new[] { 1L }, "plain number")]
    [InlineData("/etc/0", 4, 0, new[] { 4L }, new[] { 1L }, "plain number")]
    public void Views_and_storages_are_checked_before_they_are_believed(string key, long count, long offset, long[] sizes, long[] strides, string? problem)
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("a.pth");
        Write(path, Pickle(key, count, offset, sizes, strides));
        if (problem is null)
        {
            Assert.Equal([1, 2, 3, 4], CheckpointReader.Read(path).Weights["w"].Value.Data.Span<float>().ToArray());
            return;
        }
        Assert.Contains(problem, Assert.Throws<DataFormatException>(() => CheckpointReader.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_copies_of_one_storage_are_refused()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("a.pth");
        var tensors = Enumerable.Range(0, 100).Select(i => Tensor($"w{i}", "0", 1 << 20, i, [(1 << 20) - 100L], [1]));
        Write(path, [0x80, 2, (byte)'}', .. tensors.SelectMany(t => t), (byte)'.'], floats: 1 << 20);
        Assert.Contains("far more memory", Assert.Throws<DataFormatException>(() => CheckpointReader.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip.pth")]
    [InlineData("legacy.pth")]
    [InlineData("views.pth")]
    [InlineData("views_legacy.pth")]
    public void Mutated_files_only_ever_give_an_Attune_exception(string file)
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("fuzz.pth");
        var source = System.IO.File.ReadAllBytes(File(file));
        CsCheck.Check.Sample(Mutation.Gen, mutation =>
        {
            System.IO.File.WriteAllBytes(path, mutation.Apply(source));
            try { foreach (var weight in CheckpointReader.Read(path).Weights.All) weight.Value.Data.Copy(); }
            catch (AttuneException) { /* the only way to fail */ }
        }, iter: 1500, threads: 1);
    }

    [Fact]
    public void Mutated_pickles_in_a_sound_archive_only_ever_give_an_Attune_exception()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("fuzz.pth");
        byte[] source = [0x80, 2, (byte)'}', .. Tensor("a", "0", 4, 0, [2, 2], [1, 2]), .. Tensor("b", "0", 4, 1, [3], [1]), (byte)'.'];
        CsCheck.Check.Sample(Mutation.Gen, mutation =>
        {
            Write(path, mutation.Apply(source));
            try { CheckpointReader.Read(path); }
            catch (AttuneException) { /* the only way to fail */ }
        }, iter: 3000, threads: 1);
    }

    private static byte[] Pickle(string key, long count, long offset, long[] sizes, long[] strides) => [0x80, 2, (byte)'}', .. Tensor("w", key, count, offset, sizes, strides), (byte)'.'];

    // dict["name"] = torch._utils._rebuild_tensor_v2(("storage", torch.FloatStorage, key, "cpu", count), offset, sizes, strides, False, OrderedDict())
    private static byte[] Tensor(string name, string key, long count, long offset, long[] sizes, long[] strides) =>
    [
        .. Text(name), .. "ctorch._utils\n_rebuild_tensor_v2\n(("u8, .. Text("storage"), .. "ctorch\nFloatStorage\n"u8, .. Text(key), .. Text("cpu"), .. Long(count), .. "tQ"u8,
        .. Long(offset), (byte)'(', .. sizes.SelectMany(Long), .. "t("u8, .. strides.SelectMany(Long), (byte)'t', 0x89, .. "ccollections\nOrderedDict\n)RtRs"u8,
    ];

    private static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(System.Text.Encoding.UTF8.GetByteCount(text)), .. System.Text.Encoding.UTF8.GetBytes(text)];

    private static byte[] Long(long value) => [0x8A, 8, .. BitConverter.GetBytes(value)];

    private static void Write(string path, byte[] pickle, int floats = 4)
    {
        System.IO.File.Delete(path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        using (var stream = archive.CreateEntry("archive/data.pkl", CompressionLevel.NoCompression).Open()) stream.Write(pickle);
        using (var stream = archive.CreateEntry("archive/data/0", CompressionLevel.NoCompression).Open())
            for (var i = 1; i <= floats; i++) stream.Write(BitConverter.GetBytes((float)i));
    }
}
