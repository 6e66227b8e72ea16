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
        ["yeo-johnson"] = new NumericEncoder("x") { Warp = new PowerWarp(false, -0.4), Center = 0.3, Divisor = 0.7, Fill = 2, MissingFlag = true, Low = -10, High = 10 },
        ["yeo-johnson, logarithms"] = new NumericEncoder("x") { Warp = new PowerWarp(false, 0), Divisor = 2, Low = -10, High = 10 },
        ["yeo-johnson, other logarithms"] = new NumericEncoder("x") { Warp = new PowerWarp(false, 2), Divisor = 30, Low = -10, High = 10 },
        ["box-cox"] = new NumericEncoder("x") { Warp = new PowerWarp(true, 0.3, 0.5), Divisor = 4, Fill = 1 },
        ["box-cox, logarithms"] = new NumericEncoder("x") { Warp = new PowerWarp(true, 0, 0.5), Fill = 1 },
        ["quantile"] = new NumericEncoder("x") { Warp = new QuantileWarp([-9, -4, -4, -4, 0, 1, 2.5, 9, 9], false), Fill = 1, MissingFlag = true },
        ["quantile-normal"] = new NumericEncoder("x") { Warp = new QuantileWarp([-9, -4, -4, 0, 0.5, 1, 2.5, 9], true), Fill = 1 },
        ["quantile of a constant"] = new NumericEncoder("x") { Warp = new QuantileWarp([3, 3, 3], false), Fill = 3 },
        ["quantile of dates"] = new NumericEncoder("x") { IsDate = true, Warp = new QuantileWarp([1.4e12, 1.5e12, 1.6e12], true), Fill = 1.5e12, MissingFlag = true },
        ["bins"] = new BinEncoder("x", [-5, 0, 1, 4, 11]) { Fill = 0.5 },
        ["bins with flag"] = new BinEncoder("x", [-5, 0, 1, 4, 11]) { Fill = 0.5, MissingFlag = true },
        ["bin index"] = new BinEncoder("x", [-5, 0, 1, 4, 11]) { Fill = 0.5, MissingFlag = true, IsOrdinal = true },
        ["one bin"] = new BinEncoder("x", [2, 3]) { MissingFlag = true },
        ["bins of dates"] = new BinEncoder("x", [1.2e12, 1.5e12, 1.6e12]) { IsDate = true, Fill = 1.5e12 },
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
        if (encoder is NumericEncoder { IsDate: true } or BinEncoder { IsDate: true })
        {
            var dates = Enumerable.Range(0, Rows).Select(i => i % 7 == 0 ? DateColumn.Missing : 1_600_000_000_000 + (long)(1e11 * random.Normal((ulong)i))).ToArray();
            return (new DateColumn("x", dates), dates);
        }
        var values = Enumerable.Range(0, Rows).Select(i => i % 7 == 0 ? double.NaN : (encoder is NumericEncoder { Warp: null } numeric ? numeric.Center : 0) + 20 * random.Normal((ulong)i)).ToArray();
        (values[1], values[2], values[3], values[4], values[5]) = (1e30, -1e30, 0, -4, 9);   // wild ones, and edges
        return (new NumericColumn("x", values), encoder.InputType == DataType.Double ? values : values.Select(v => (float)v).ToArray());
    }
}
