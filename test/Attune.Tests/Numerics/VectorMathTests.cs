using System.Runtime.Intrinsics;
using Attune.Numerics;

namespace Attune.Tests.Numerics;

public sealed unsafe class VectorMathTests
{
    [Fact]
    public void Functions_are_within_a_few_units_in_the_last_place_and_equal_at_every_width()
    {
        Check(x => Math.Exp(x), -87, 88, 3, &VectorMath<Simd512, Vector512<float>>.Exp, &VectorMath<Simd256, Vector256<float>>.Exp, &VectorMath<Simd128, Vector128<float>>.Exp);
        Check(Math.Tanh, -12, 12, 3, &VectorMath<Simd512, Vector512<float>>.Tanh, &VectorMath<Simd256, Vector256<float>>.Tanh, &VectorMath<Simd128, Vector128<float>>.Tanh);
        Check(x => 1 / (1 + Math.Exp(-x)), -80, 80, 4, &VectorMath<Simd512, Vector512<float>>.Sigmoid, &VectorMath<Simd256, Vector256<float>>.Sigmoid, &VectorMath<Simd128, Vector128<float>>.Sigmoid);
        Check(x => x < 1e-5 ? x - x * x / 2 : Math.Log(1 + x), 0, 1, 3, &VectorMath<Simd512, Vector512<float>>.Log1P, &VectorMath<Simd256, Vector256<float>>.Log1P, &VectorMath<Simd128, Vector128<float>>.Log1P);
        Check(Erf, -6, 6, 4, &VectorMath<Simd512, Vector512<float>>.Erf, &VectorMath<Simd256, Vector256<float>>.Erf, &VectorMath<Simd128, Vector128<float>>.Erf);
    }

    [Fact]
    public void Exponential_ends_at_0_and_keeps_not_a_number()
    {
        Assert.Equal(0, VectorMath<Simd512, Vector512<float>>.Exp(Vector512.Create(float.NegativeInfinity))[0]);
        Assert.True(float.IsNaN(VectorMath<Simd512, Vector512<float>>.Exp(Vector512.Create(float.NaN))[3]));
        Assert.True(float.IsNaN(VectorMath<Simd128, Vector128<float>>.Sigmoid(Vector128.Create(float.NaN))[0]));
        Assert.True(float.IsFinite(VectorMath<Simd256, Vector256<float>>.Exp(Vector256.Create(1e30f))[0]));
    }

    private static void Check(Func<double, double> exact, double low, double high, int units,
        delegate*<Vector512<float>, Vector512<float>> f512, delegate*<Vector256<float>, Vector256<float>> f256, delegate*<Vector128<float>, Vector128<float>> f128)
    {
        for (var i = 0; i <= 20_000; i++)
        {
            var x = (float)(low + (high - low) * i / 20_000);
            var y = f512(Vector512.Create(x))[5];
            Assert.Equal(y, f256(Vector256.Create(x))[1]);
            Assert.Equal(y, f128(Vector128.Create(x))[0]);
            var expected = exact(x);
            Assert.InRange(Math.Abs(y - expected), 0, units * (MathF.BitIncrement((float)Math.Abs(expected)) - (float)Math.Abs(expected)));
        }
    }

    // The Maclaurin series below 2.5, the continued fraction above.
    private static double Erf(double x)
    {
        var a = Math.Abs(x);
        double result;
        if (a < 2.5)
        {
            double term = a, sum = a;
            for (var n = 1; n < 80; n++)
            {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            result = 2 / Math.Sqrt(Math.PI) * sum;
        }
        else
        {
            var fraction = 0.0;
            for (var n = 60; n > 0; n--) fraction = n / 2.0 / (a + fraction);
            result = 1 - Math.Exp(-a * a) / Math.Sqrt(Math.PI) / (a + fraction);
        }
        return Math.CopySign(result, x);
    }
}
