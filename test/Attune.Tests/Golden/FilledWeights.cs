using System.Text.Json;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Tests.Golden;

/// <summary>Weights and inputs by the formula of vision/full_size_formula: a hash of place and element, so that no file is needed.</summary>
internal static class FilledWeights
{
    /// <summary>The entries of a state dict (name → sizes, in its order).</summary>
    public static WeightStore Of(JsonElement stateDict, ulong salt)
    {
        var store = new WeightStore();
        ulong k = 0;
        foreach (var entry in stateDict.EnumerateObject())
        {
            long[] sizes = [.. entry.Value.EnumerateArray().Select(s => s.GetInt64())];
            var place = k++ + salt;
            if (entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)) store.Add(entry.Name, Tensor.Of([0L]), WeightRole.Constant);
            else store.Add(entry.Name, Fill(entry.Name, sizes, place));
        }
        return store;
    }

    /// <summary>pixel_values: 4·u at place 999.</summary>
    public static Tensor Images(long[] sizes)
    {
        var values = new float[Tensor.Product(sizes)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(4 * Number(999, i));
        return Tensor.Of(values, sizes);
    }

    private static Tensor Fill(string name, long[] sizes, ulong place)
    {
        var data = TensorBuffer.Allocate(4 * Tensor.Product(sizes));
        var values = data.Span<float>();
        var scale = sizes.Length >= 2 ? 2 * Math.Sqrt(3) / Math.Sqrt(values.Length / (double)sizes[0]) : 0.2;
        var offset = name.EndsWith("running_var", StringComparison.Ordinal) || (sizes.Length < 2 && name.EndsWith("weight", StringComparison.Ordinal)) ? 1.0 : 0.0;
        if (name.EndsWith("running_var", StringComparison.Ordinal)) scale = 1;
        for (var i = 0; i < values.Length; i++) values[i] = (float)(offset + scale * Number(place, i));
        return new Tensor(DataType.Float, sizes, data);
    }

    private static double Number(ulong place, int element)
    {
        unchecked
        {
            var x = ((ulong)element + 1 + place * 1000003) * 0x9E3779B97F4A7C15;
            x ^= x >> 29;
            x *= 0xBF58476D1CE4E5B9;
            x ^= x >> 32;
            return (x >> 40) / 16777216.0 - 0.5;
        }
    }
}
