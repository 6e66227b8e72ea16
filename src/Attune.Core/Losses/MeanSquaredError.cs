using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>(x - y)², mean over all elements; gradient 2(x - y). Equals torch <c>mse_loss</c>.</summary>
public sealed class MeanSquaredError : ElementwiseLoss
{
    /// <inheritdoc/>
    public override string Name => "mse";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var d = TSimd.Subtract(TSimd.Load(outputs + i), TSimd.Load(targets + i));
            TSimd.Store(TSimd.Multiply(d, d), values + i);
            TSimd.Store(TSimd.Add(d, d), slopes + i);
        }
    }
}
