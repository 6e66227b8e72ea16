using Attune.Methods;
using Attune.Models;
using Attune.Options;
using Attune.Randomness;

namespace Attune.Tests.Methods;

public sealed class PrincipalPartsTests
{
    [Theory]
    [InlineData(30, 12, 3)]
    [InlineData(9, 40, 4)]
    [InlineData(6, 6, 6)]
    public void Largest_parts_come_back(int rows, int columns, int rank)
    {
        // W = Σ sₖ·uₖ·vₖᵀ with reflections' columns, which are orthonormal
        double[] s = [5, 3, 1, 0.4, 0.1, 0.05];
        var matrix = new double[rows * columns];
        for (var k = 0; k < 6; k++) for (var r = 0; r < rows; r++) for (var c = 0; c < columns; c++) matrix[r * columns + c] += s[k] * Reflection(rows, r, k) * Reflection(columns, c, k);
        var (u, found, v) = PrincipalParts.Of(matrix, rows, columns, rank, new Philox(1, "test"));
        for (var k = 0; k < rank; k++)
        {
            Assert.Equal(s[k], found[k], 1e-9);
            Assert.Equal(1, Math.Abs(Enumerable.Range(0, rows).Sum(r => u[k][r] * Reflection(rows, r, k))), 1e-9);
            Assert.Equal(1, Math.Abs(Enumerable.Range(0, columns).Sum(c => v[k][c] * Reflection(columns, c, k))), 1e-9);
        }
    }

    [Fact]
    public void A_matrix_of_zeros_or_of_low_rank_has_zeros()
    {
        var (_, zeros, _) = PrincipalParts.Of(new double[12], 3, 4, 2, new Philox(1, "test"));
        Assert.Equal([0, 0], zeros);
        var (_, one, _) = PrincipalParts.Of([1, 2, 2, 4, 3, 6], 3, 2, 2, new Philox(1, "test"));
        Assert.Equal(Math.Sqrt(70), one[0], 1e-9);
        Assert.Equal(0, one[1], 1e-6);
    }

    [Fact]
    public void Pissa_starts_as_the_principal_part_and_leaves_the_rest()
    {
        var graph = Mlp.Build([new NetworkInput("x", 12)], 3, new MlpShape([10], "relu", "none", 0, false), 5);
        var plan = MethodPlan.For(graph, new MethodOptions { Name = "pissa", Rank = 2, Target = ["layers.0.weight"] }, 0, 0, new HashSet<string>());
        var (before, rest) = (graph.Weights["layers.0.weight"].Value.Data.Span<float>().ToArray(), plan.Adapted.Weights["layers.0.weight"].Value.Data.Span<float>().ToArray());
        double[] wide = [.. before.Select(v => (double)v)];
        var (_, s, _) = PrincipalParts.Of(wide, 10, 12, 3, new Philox(9, "other"));
        var (_, left, _) = PrincipalParts.Of([.. rest.Select(v => (double)v)], 10, 12, 1, new Philox(9, "other"));
        Assert.Equal(s[2], left[0], 1e-5);   // the third largest is the largest of the rest
        var merged = plan.Merge(plan.Adapted).Weights["layers.0.weight"].Value.Data.Span<float>();
        for (var i = 0; i < before.Length; i++) Assert.Equal(before[i], merged[i], 1e-6);
        Assert.Contains("method.rank", Assert.Throws<OptionsException>(() => MethodPlan.For(graph, new MethodOptions { Name = "pissa", Rank = 11, Target = ["layers.0.weight"] }, 0, 0, new HashSet<string>())).Message, StringComparison.Ordinal);
    }

    // Column k of I − 2·h·hᵀ with h = (1, …, 1)/√n
    private static double Reflection(int n, int row, int k) => (row == k ? 1 : 0) - 2.0 / n;
}
