using Attune.Engines.Torch;
using TorchSharp;
using TorchLinear = Attune.Engines.Torch.Linear;

namespace Attune.Tests.Engines.Torch;

/// <summary>The product of many rows as a convolution equals the matrix product, forward and backward.</summary>
public sealed class LinearTests
{
    [Theory]
    [InlineData(new long[] { 70, 24 }, true)]
    [InlineData(new long[] { 5, 17, 24 }, true)]
    [InlineData(new long[] { 2, 3, 16, 24 }, false)]
    [InlineData(new long[] { 3, 24 }, true)]
    public void Values_and_gradients_are_those_of_the_matrix_product(long[] shape, bool hasBias)
    {
        TorchCompiler.Demand();
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(3);
        torch.Tensor[] Leaves() => [torch.randn(shape), torch.randn(10, 24), torch.randn(10)];
        var (first, gradient) = (Leaves(), torch.randn([.. shape[..^1], 10]));
        var second = Array.ConvertAll(first, t => t.clone());
        foreach (var leaf in first.Concat(second)) leaf.requires_grad_(true);
        var ours = TorchLinear.Compute(first[0], first[1], hasBias ? first[2] : null);
        var theirs = torch.nn.functional.linear(second[0], second[1], hasBias ? second[2] : null);
        Close(theirs, ours);
        ours.backward([gradient]);
        theirs.backward([gradient]);
        for (var i = 0; i < (hasBias ? 3 : 2); i++) Close(second[i].grad!, first[i].grad!);
    }

    private static void Close(torch.Tensor expected, torch.Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<float>() <= 1e-5f * expected.abs().max().item<float>());
    }
}
