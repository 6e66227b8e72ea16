using Attune.Batching.Augmentation;

namespace Attune.Tests.Batching;

public sealed class MixingTests
{
    private const int Rows = 7, Channels = 2, Height = 5, Width = 6, Size = Channels * Height * Width;

    [Fact]
    public void Mixup_is_the_weighted_sum_with_the_partner()
    {
        for (var step = 0; step < 50; step++)
        {
            var mixing = Mixing.Draw(3, step, 1, Rows, Height, Width, 0.4, 0)!;
            Assert.Null(mixing.Box);
            var (batch, before) = (Batch(), Batch());
            mixing.Apply(batch, Channels, Height, Width);
            for (var i = 0; i < batch.Length; i++)
                Assert.Equal(before[i] * (float)mixing.Lambda + before[mixing.Partners[i / Size] * Size + i % Size] * (float)(1 - mixing.Lambda), batch[i], 1e-5f);
        }
    }

    [Fact]
    public void CutMix_takes_the_rectangle_from_the_partner_and_lambda_is_what_is_left()
    {
        for (var step = 0; step < 50; step++)
        {
            var mixing = Mixing.Draw(3, step, 0, Rows, Height, Width, 0, 1)!;
            var box = mixing.Box!.Value;
            Assert.Equal(1 - box.Width * box.Height / (double)(Width * Height), mixing.Lambda, 1e-12);
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Left + box.Width <= Width && box.Top + box.Height <= Height);
            var (batch, before) = (Batch(), Batch());
            mixing.Apply(batch, Channels, Height, Width);
            for (var i = 0; i < batch.Length; i++)
            {
                int x = i % Width, y = i / Width % Height;
                var inside = x >= box.Left && x < box.Left + box.Width && y >= box.Top && y < box.Top + box.Height;
                Assert.Equal(before[inside ? mixing.Partners[i / Size] * Size + i % Size : i], batch[i]);
            }
        }
    }

    [Fact]
    public void A_draw_is_a_function_of_its_address()
    {
        Assert.Null(Mixing.Draw(1, 0, 0, Rows, Height, Width, 0, 0));
        Mixing At(ulong seed, long step, int microStep) => Mixing.Draw(seed, step, microStep, Rows, Height, Width, 0.2, 1)!;
        Assert.Equal(At(1, 2, 3).Lambda, At(1, 2, 3).Lambda);
        Assert.Equal(At(1, 2, 3).Partners, At(1, 2, 3).Partners);
        Assert.Equal(3, new[] { At(1, 2, 3), At(1, 2, 4), At(1, 3, 3) }.Select(m => string.Join(',', m.Partners) + m.Lambda).Distinct().Count());
        var kinds = Enumerable.Range(0, 400).Count(step => At(9, step, 0).Box is null);
        Assert.InRange(kinds, 150, 250);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    [InlineData(1.0)]
    [InlineData(4.0)]
    public void Lambda_has_the_mean_and_variance_of_the_beta_distribution(double alpha)
    {
        var lambdas = Enumerable.Range(0, 20_000).Select(step => Mixing.Draw(5, step, 0, 2, 4, 4, alpha, 0)!.Lambda).ToArray();
        Assert.All(lambdas, l => Assert.InRange(l, 0, 1));
        var variance = 1 / (4 * (2 * alpha + 1));
        Assert.Equal(0.5, lambdas.Average(), 0.015);
        Assert.Equal(variance, lambdas.Average(l => (l - 0.5) * (l - 0.5)), 0.01);
    }

    [Fact]
    public void A_batch_of_another_size_is_refused()
    {
        var mixing = Mixing.Draw(3, 0, 0, Rows, Height, Width, 0.4, 0)!;
        Assert.Throws<ArgumentException>(() => mixing.Apply(new float[Size], Channels, Height, Width));
    }

    private static float[] Batch() => [.. Enumerable.Range(0, Rows * Size).Select(i => MathF.Sin(i))];
}
