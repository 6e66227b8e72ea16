using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Tuples of indices as one index each.</summary>
internal static class LinearIndices
{
    /// <summary>Row-major places of index tuples [..., k] in an array of k sizes; indices may count from the end. Temporaries are left to the dispose scope.</summary>
    /// <exception cref="ArgumentException">An index lies outside.</exception>
    public static torch.Tensor Of(torch.Tensor tuples, long[] sizes)
    {
        torch.Tensor? result = null;
        for (var i = 0; i < sizes.Length; i++)
        {
            var index = Indices.Positive(tuples.select(-1, i), sizes[i]);
            using var outside = index.Lt(0).logical_or(index.Ge(sizes[i])).any();
            if (outside.cpu().item<bool>()) throw new ArgumentException($"an index lies outside the {sizes[i]} elements of its axis");
            result = result is null ? index : result.Mul(sizes[i]).Add(index);
        }
        return result ?? torch.zeros(tuples.shape[..^1], torch.ScalarType.Int64, tuples.device);
    }
}
