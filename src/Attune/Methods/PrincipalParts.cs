using System.Numerics.Tensors;
using Attune.Randomness;

namespace Attune.Methods;

/// <summary>The largest singular values of a matrix with their vectors, by subspace iteration (Halko, Martinsson and Tropp 2011, arXiv:0909.4061, algorithms 4.4 and 5.1) in double.</summary>
internal static class PrincipalParts
{
    private const int Oversampling = 8, Rounds = 24;

    /// <summary>U [rows, r] by columns, S [r] falling, V [columns, r] by columns; r is at most the smaller side.</summary>
    /// <param name="matrix">[rows, columns], row-major.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="rank">r.</param>
    /// <param name="stream">Where the iteration starts; decides nothing but rounding where the values are apart.</param>
    public static (double[][] U, double[] S, double[][] V) Of(double[] matrix, int rows, int columns, int rank, Philox stream)
    {
        var width = Math.Min(rank + Oversampling, Math.Min(rows, columns));
        var transposed = Transposed(matrix, rows, columns);
        var v = new double[width][];
        for (var k = 0; k < width; k++)
        {
            v[k] = new double[columns];
            for (var i = 0; i < columns; i++) v[k][i] = stream.Normal((ulong)(k * (long)columns + i));
        }
        Orthonormalize(v);
        double[][] u = [];
        for (var round = 0; round < Rounds; round++)
        {
            u = Times(matrix, rows, columns, v);
            Orthonormalize(u);
            v = Times(transposed, columns, rows, u);
            if (round < Rounds - 1) Orthonormalize(v);
        }
        // M = Uᵀ·W, [width, columns] = v; its own parts come from the small matrix M·Mᵀ
        var gram = new double[width, width];
        for (var a = 0; a < width; a++) for (var b = 0; b < width; b++) gram[a, b] = TensorPrimitives.Dot<double>(v[a], v[b]);
        var (values, vectors) = Symmetric(gram);
        var order = Enumerable.Range(0, width).OrderByDescending(k => values[k]).Take(Math.Min(rank, width)).ToArray();
        var (left, singular, right) = (new double[order.Length][], new double[order.Length], new double[order.Length][]);
        for (var k = 0; k < order.Length; k++)
        {
            singular[k] = Math.Sqrt(Math.Max(0, values[order[k]]));
            (left[k], right[k]) = (new double[rows], new double[columns]);
            for (var a = 0; a < width; a++)
            {
                var share = vectors[a, order[k]];
                for (var i = 0; i < rows; i++) left[k][i] += share * u[a][i];
                if (singular[k] > 0) for (var i = 0; i < columns; i++) right[k][i] += share / singular[k] * v[a][i];
            }
        }
        return (left, singular, right);
    }

    private static double[] Transposed(double[] matrix, int rows, int columns)
    {
        var result = new double[matrix.Length];
        for (var r = 0; r < rows; r++) for (var c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c];
        return result;
    }

    // W·vₖ for each k
    private static double[][] Times(double[] matrix, int rows, int columns, double[][] vectors)
    {
        var result = vectors.Select(_ => new double[rows]).ToArray();
        Parallel.For(0, rows, r =>
        {
            var row = matrix.AsSpan(r * columns, columns);
            for (var k = 0; k < vectors.Length; k++) result[k][r] = TensorPrimitives.Dot<double>(row, vectors[k]);
        });
        return result;
    }

    // Gram and Schmidt, twice for stability; what is dependent becomes zero.
    private static void Orthonormalize(double[][] vectors)
    {
        for (var k = 0; k < vectors.Length; k++)
        {
            var before = TensorPrimitives.Norm<double>(vectors[k]);
            for (var pass = 0; pass < 2; pass++)
            {
                for (var j = 0; j < k; j++)
                {
                    var share = -TensorPrimitives.Dot<double>(vectors[k], vectors[j]);
                    TensorPrimitives.MultiplyAdd<double>(vectors[j], share, vectors[k], vectors[k]);
                }
            }
            var norm = TensorPrimitives.Norm<double>(vectors[k]);
            if (norm <= 1e-12 * before || norm == 0) Array.Clear(vectors[k]);
            else TensorPrimitives.Divide(vectors[k], norm, vectors[k]);
        }
    }

    // Eigenvalues and vectors (columns) of a small symmetric matrix, by Jacobi's rotations.
    private static (double[] Values, double[,] Vectors) Symmetric(double[,] a)
    {
        var n = a.GetLength(0);
        var v = new double[n, n];
        for (var i = 0; i < n; i++) v[i, i] = 1;
        for (var sweep = 0; sweep < 60; sweep++)
        {
            double off = 0, all = 0;
            for (var i = 0; i < n; i++) for (var j = 0; j < n; j++) (off, all) = (off + (i == j ? 0 : a[i, j] * a[i, j]), all + a[i, j] * a[i, j]);
            if (off <= 1e-30 * all) break;
            for (var p = 0; p < n; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    if (a[p, q] == 0) continue;
                    var theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
                    var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
                    var c = 1 / Math.Sqrt(t * t + 1);
                    var s = t * c;
                    for (var k = 0; k < n; k++) (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q]);
                    for (var k = 0; k < n; k++) (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k]);
                    for (var k = 0; k < n; k++) (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q]);
                }
            }
        }
        return ([.. Enumerable.Range(0, n).Select(i => a[i, i])], v);
    }
}
