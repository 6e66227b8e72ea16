using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Randomness;

namespace Attune.Tests.Encoding;

/// <summary>Every encoder: Apply equals ONNX Runtime's result of AppendTo, also for missing, unknown and wild cells.</summary>
public sealed class ColumnEncoderContractTests
{
    private const int Rows = 257;

    public static TheoryData<string> Names => [.. Encoders.Keys];

    private static Dictionary<string, ColumnEncoder> Encoders { get; } = new()
    {
        ["plain"] = new NumericEncoder("x"),
        ["standard"] = new NumericEncoder("x") { Fill = 3, Center = 2.5, Divisor = 4.2, Low = -10, High = 10 },
        ["standard with flag"] = new NumericEncoder("x") { Fill = -1, Center = 1e-3, Divisor = 7, MissingFlag = true, Low = -10, High = 10 },
        ["min-max"] = new NumericEncoder("x") { Center = -20, Divisor = 13, Shift = -1, Low = -1, High = 2 },
        ["smooth"] = new NumericEncoder("x") { Center = 1, Divisor = 0.5, SmoothClip = 3, MissingFlag = true },
        ["smooth, one limit"] = new NumericEncoder("x") { Divisor = 0.5, SmoothClip = 3, Low = 0 },
        ["divide"] = new NumericEncoder("x") { Divisor = 255 },
        ["double"] = new NumericEncoder("x") { Center = 1e7, Divisor = 0.25, Fill = 1e7, IsDouble = true, MissingFlag = true, Low = -1e12, High = 1e12 },
        ["double smooth"] = new NumericEncoder("x") { Center = 1e7, Divisor = 0.25, IsDouble = true, SmoothClip = 2 },
        ["date"] = new NumericEncoder("x") { IsDate = true, Center = 1.6e12, Divisor = 3e10, Fill = 1.5e12, MissingFlag = true, Low = -10, High = 10 },
        ["date without flag"] = new NumericEncoder("x") { IsDate = true, Center = 1.6e12, Divisor = 3e10 },
        ["one-hot"] = new OneHotEncoder("x", ["None", "a", "b", "çilek", "😀"], [], hasMissing: false),
        ["one-hot with missing"] = new OneHotEncoder("x", ["NA", "a", "b"], [], hasMissing: true),
        ["one-hot with infrequent"] = new OneHotEncoder("x", ["a", "b"], ["Null", "c"], hasMissing: true),
        ["one-hot with infrequent, no missing"] = new OneHotEncoder("x", ["a", "b"], ["c"], hasMissing: false),
        ["one-hot of missing only"] = new OneHotEncoder("x", [], [], hasMissing: true),
        ["embedding"] = new EmbeddingEncoder("x", ["None", "a", "b", "I", "i"], [], hasMissing: false, 3),
        ["embedding with missing"] = new EmbeddingEncoder("x", ["a", "b"], ["c"], hasMissing: true, 3),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Apply_equals_the_exported_nodes(string name)
    {
        var encoder = Encoders[name];
        var (column, raw) = Cells(encoder);
        var graph = new GraphBuilder("encode");
        var input = graph.Input("x", encoder.InputType, new Shape("N", 1));
        var type = encoder is EmbeddingEncoder ? DataType.Int64 : DataType.Float;
        graph.Output(encoder.AppendTo(graph, input), "y", type, new Shape("N", Math.Max(1, encoder.Width)));
        var exported = OnnxSession.Run(graph.Build(), new Dictionary<string, Array> { ["x"] = raw })["y"];

        if (encoder is EmbeddingEncoder embedding)
        {
            var codes = new int[Rows];
            var counted = embedding.Apply(column, codes);
            Assert.Equal((long[])exported, codes.Select(c => (long)c));
            Assert.All(codes, c => Assert.InRange(c, 0, embedding.Rows - 1));
            Assert.True(counted is { Missing: > 0, Unknown: > 0 });
            return;
        }
        var (stride, offset) = (encoder.Width + 2, 1);
        var values = new float[Rows * stride];
        var count = encoder.Apply(column, values, stride, offset);
        Assert.True(count.Missing > 0);
        Assert.Equal(encoder.Width, encoder.FeatureNames.Count);
        for (var row = 0; row < Rows; row++)
        {
            for (var i = 0; i < encoder.Width; i++)
            {
                var (own, other) = (values[row * stride + offset + i], ((float[])exported)[row * encoder.Width + i]);
                Assert.True(Math.Abs(own - other) <= 1e-5 * Math.Max(1, Math.Abs(own)), $"{name}, row {row}, output {i}: {own} in memory, {other} exported");
            }
            Assert.Equal(0, values[row * stride]);                        // the places of others stay
            Assert.Equal(0, values[row * stride + offset + encoder.Width]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Saved_and_loaded_encoders_are_equal_to_the_bit(string name)
    {
        var json = new TableEncoder([Encoders[name]]).ToJson();
        Assert.Equal(json, TableEncoder.FromJson(json, "encoder.json").ToJson());
    }

    private static (Column Column, Array Raw) Cells(ColumnEncoder encoder)
    {
        var random = new Philox(11, "cells");
        if (encoder is CategoryEncoder category)
        {
            string[] words = [.. category.Categories, .. category.Infrequent, "unseen", "A", "", " a"];
            var codes = Enumerable.Range(0, Rows).Select(i => (int)random.Below((ulong)i, words.Length + 1) - 1).ToArray();
            return (new TextColumn("x", codes, words), codes.Select(c => c < 0 ? "" : words[c]).ToArray());
        }
        var numeric = (NumericEncoder)encoder;
        if (numeric.IsDate)
        {
            var dates = Enumerable.Range(0, Rows).Select(i => i % 7 == 0 ? DateColumn.Missing : 1_600_000_000_000 + (long)(1e11 * random.Normal((ulong)i))).ToArray();
            return (new DateColumn("x", dates), dates);
        }
        var values = Enumerable.Range(0, Rows).Select(i => i % 7 == 0 ? double.NaN : numeric.Center + 20 * random.Normal((ulong)i)).ToArray();
        (values[1], values[2], values[3]) = (1e30, -1e30, 0);
        return (new NumericColumn("x", values), numeric.IsDouble ? values : values.Select(v => (float)v).ToArray());
    }
}
