using Attune.Graphs;
using Attune.Tests.Graphs;
using Attune.Weights;
using CsCheck;

namespace Attune.Tests.Weights;

public sealed class SafetensorsTests
{
    public static TheoryData<string> BadFiles => TestData.BadFiles("safetensors");

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void Broken_files_are_refused_with_a_reason_that_names_the_thing(string file)
    {
        var error = Assert.Throws<DataFormatException>(() => SafetensorsReader.Read(TestData.Bad(file)));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        string[] words = file switch
        {
            "truncated.safetensors" => ["truncated"],
            "header_length_huge.safetensors" => ["header length", "9223372036854775825"],
            "overlapping.safetensors" => ["'w'", "'b'", "overlap"],
            "hole.safetensors" => ["[24, 28)", "no tensor"],
            "duplicate_key.safetensors" => ["'w'", "twice"],
            "dtype_unknown.safetensors" => ["'F33'"],
            "shape_mismatch.safetensors" => ["[2, 4]", "32", "24"],
            "shape_overflow.safetensors" => ["overflow"],
            _ => [],
        };
        Assert.All(words, w => Assert.Contains(w, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_type_survives_a_round_trip_aligned_and_byte_for_byte()
    {
        using var scratch = TestData.NewFolder();
        var store = new WeightStore();
        foreach (var name in SafetensorsTypes.Names)
        {
            var type = SafetensorsTypes.Parse(name);
            var data = TensorBuffer.Allocate(type.ByteLength(6));
            for (var i = 0; i < data.ByteLength; i++) data.Span<byte>()[i] = (byte)(i * 7 + 1);
            store.Add($"layer.{name}", new Tensor(type, [2, 3], data));
        }
        store.Add("empty", Tensor.Of(Array.Empty<float>(), 0, 4));
        store.Add("größe \"x\"", Tensor.Of([1.5f]));
        var (first, second) = (scratch.File("a.safetensors"), scratch.File("b.safetensors"));
        var ranges = SafetensorsWriter.Write(first, store, new Dictionary<string, string> { ["b"] = "2", ["a"] = "ü" });
        var read = SafetensorsReader.Read(first);
        Assert.Equal("ü", read.Metadata["a"]);
        Assert.Equal(store.All.Count, read.Weights.All.Count);
        foreach (var weight in store.All)
        {
            var copy = read.Weights[weight.Name].Value;
            Assert.Equal(weight.Value.ToString(), copy.ToString());
            Assert.True(weight.Value.Data.Span<byte>().SequenceEqual(copy.Data.Span<byte>()));
            Assert.Equal(0, ranges[weight.Name].Offset % Math.Max(1, weight.Value.Type.Bits() / 8));
        }
        SafetensorsWriter.Write(second, read.Weights, read.Metadata);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal(store.All.Count, SafetensorsSummary.Of(first).Tensors);
    }

    [Fact]
    public void Writing_to_mapped_memory_leaves_the_file_as_it_was()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("a.safetensors");
        var store = new WeightStore();
        store.Add("w", Tensor.Of([1f, 2f], 2));
        SafetensorsWriter.Write(path, store);
        SafetensorsReader.Read(path).Weights["w"].Value.Data.Span<float>()[0] = 9;
        Assert.Equal(1, SafetensorsReader.Read(path).Weights["w"].Value.Data.Span<float>()[0]);
    }

    [Fact]
    public void Mutated_and_truncated_files_only_ever_give_an_Attune_exception()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("fuzz.safetensors");
        var source = File.ReadAllBytes(Path.Combine(TestData.Golden("onnx"), "mlp_gemm.safetensors"));
        Mutation.Gen.Sample(mutation =>
        {
            File.WriteAllBytes(path, mutation.Apply(source));
            try { foreach (var weight in SafetensorsReader.Read(path).Weights.All) weight.Value.Data.Copy(); }
            catch (AttuneException) { /* the only way to fail */ }
        }, iter: 2000, threads: 1);
    }

    [Fact]
    public void Half_types_and_doubles_convert_to_float_and_back()
    {
        float[] numbers = [0, -1.5f, 3.140625f, 65504, float.PositiveInfinity, 1e-3f];
        var tensor = Tensor.Of(numbers, numbers.Length);
        foreach (var type in new[] { DataType.Double, DataType.Float16, DataType.BFloat16 })
        {
            var back = tensor.ToFloating(type).ToFloat().Data.Span<float>();
            for (var i = 0; i < numbers.Length; i++) Assert.True(numbers[i] == back[i] || Math.Abs(numbers[i] - back[i]) <= Math.Abs(numbers[i]) / 256, $"{type} {numbers[i]} {back[i]}");
        }
        Assert.True(float.IsNaN(Tensor.Of([float.NaN], 1).ToFloating(DataType.BFloat16).ToFloat().Data.Span<float>()[0]));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_other()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("a.txt");
        AtomicFile.WriteAllText(path, "old");
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, s =>
        {
            s.Write("new"u8);
            throw new IOException("No space left on device.");
        }));
        Assert.Contains("a.txt", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Throws<IOException>(() => AtomicFile.WriteAllText(Path.Combine(scratch.Folder, "none", "b.txt"), "x"));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(scratch.Folder));
    }
}
