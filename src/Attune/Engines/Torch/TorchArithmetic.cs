using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// libtorch's functions of a tensor and a number, under their own names with a capital: the number is held while the native function reads it, see <see cref="Scalars"/>.
/// TorchSharp's own <c>add(Tensor)</c>, <c>square()</c> and their kin make numbers nobody holds, so kernels use these.
/// </summary>
internal static class TorchArithmetic
{
    public static torch.Tensor Add(this torch.Tensor x, torch.Tensor y) => x.add(y, Scalars.One);

    public static torch.Tensor Add(this torch.Tensor x, torch.Tensor y, double alpha) => x.add(y, Scalars.Of(alpha));

    public static torch.Tensor Add(this torch.Tensor x, double y) => x.add(Scalars.Of(y), Scalars.One);

    public static torch.Tensor Add(this torch.Tensor x, long y) => x.add(Scalars.Of(y), Scalars.One);

    public static torch.Tensor Add_(this torch.Tensor x, torch.Tensor y) => x.add_(y, Scalars.One);

    public static torch.Tensor Add_(this torch.Tensor x, torch.Tensor y, double alpha) => x.add_(y, Scalars.Of(alpha));

    public static torch.Tensor Add_(this torch.Tensor x, double y) => x.add_(Scalars.Of(y), Scalars.One);

    public static torch.Tensor Sub(this torch.Tensor x, double y) => x.sub(Scalars.Of(y));

    public static torch.Tensor Sub(this torch.Tensor x, long y) => x.sub(Scalars.Of(y));

    public static torch.Tensor Mul(this torch.Tensor x, double y) => x.mul(Scalars.Of(y));

    public static torch.Tensor Mul(this torch.Tensor x, long y) => x.mul(Scalars.Of(y));

    public static torch.Tensor Mul_(this torch.Tensor x, double y) => x.mul_(Scalars.Of(y));

    public static torch.Tensor Div(this torch.Tensor x, double y) => x.div(Scalars.Of(y));

    public static torch.Tensor Div(this torch.Tensor x, long y) => x.div(Scalars.Of(y));

    public static torch.Tensor DivFloor(this torch.Tensor x, long y) => x.div(Scalars.Of(y), torch.RoundingMode.floor);

    public static torch.Tensor Fmod(this torch.Tensor x, double y) => x.fmod(Scalars.Of(y));

    public static torch.Tensor Remainder(this torch.Tensor x, long y) => x.remainder(Scalars.Of(y));

    public static torch.Tensor Pow(this torch.Tensor x, double y) => x.pow(Scalars.Of(y));

    public static torch.Tensor Square(this torch.Tensor x) => x.pow(Scalars.Two);

    public static torch.Tensor Clamp(this torch.Tensor x, double least, double most) => x.clamp(Scalars.Of(least), Scalars.Of(most));

    public static torch.Tensor Clamp(this torch.Tensor x, long least, long most) => x.clamp(Scalars.Of(least), Scalars.Of(most));

    public static torch.Tensor ClampMin(this torch.Tensor x, double least) => x.clamp_min(Scalars.Of(least));

    public static torch.Tensor ClampMin(this torch.Tensor x, long least) => x.clamp_min(Scalars.Of(least));

    public static torch.Tensor ClampMax(this torch.Tensor x, double most) => x.clamp_max(Scalars.Of(most));

    public static torch.Tensor ClampMax(this torch.Tensor x, long most) => x.clamp_max(Scalars.Of(most));

    public static torch.Tensor Eq(this torch.Tensor x, double y) => x.eq(Scalars.Of(y));

    public static torch.Tensor Eq(this torch.Tensor x, long y) => x.eq(Scalars.Of(y));

    public static torch.Tensor Ne(this torch.Tensor x, long y) => x.ne(Scalars.Of(y));

    public static torch.Tensor Lt(this torch.Tensor x, double y) => x.lt(Scalars.Of(y));

    public static torch.Tensor Lt(this torch.Tensor x, long y) => x.lt(Scalars.Of(y));

    public static torch.Tensor Le(this torch.Tensor x, long y) => x.le(Scalars.Of(y));

    public static torch.Tensor Gt(this torch.Tensor x, double y) => x.gt(Scalars.Of(y));

    public static torch.Tensor Gt(this torch.Tensor x, long y) => x.gt(Scalars.Of(y));

    public static torch.Tensor Ge(this torch.Tensor x, long y) => x.ge(Scalars.Of(y));

    public static torch.Tensor MaskedFill(this torch.Tensor x, torch.Tensor mask, double value) => x.masked_fill(mask, Scalars.Of(value));

    /// <summary>α (eˣ − 1) below 0.</summary>
    public static torch.Tensor Elu(this torch.Tensor x, double alpha) => x.elu(Scalars.Of(alpha), Scalars.One, Scalars.One);

    /// <summary>α x below 0.</summary>
    public static torch.Tensor LeakyRelu(this torch.Tensor x, double alpha) => x.leaky_relu(Scalars.Of(alpha));

    /// <summary>0 where x is not above the threshold.</summary>
    public static torch.Tensor Threshold(this torch.Tensor x, double threshold) => x.threshold(Scalars.Of(threshold), Scalars.Of(0.0));

    /// <summary>log(1 + eˣ), as −log σ(−x), which is exact on both sides.</summary>
    public static torch.Tensor Softplus(this torch.Tensor x) => torch.nn.functional.logsigmoid(x.neg()).neg();

    /// <summary>x / (1 + |x|).</summary>
    public static torch.Tensor Softsign(this torch.Tensor x) => x.div(x.abs().Add(1));

    /// <summary>The p-norm over some axes.</summary>
    public static torch.Tensor Norm(this torch.Tensor x, double p, long[] axes, bool keepsAxes)
    {
        var rank = (int)x.dim();
        var over = axes.Length == 0 ? [.. Enumerable.Range(0, rank)] : axes.Select(a => (int)(a < 0 ? a + rank : a)).Distinct().Order().ToArray();
        if (over.Length == 1) return x.norm(over[0], keepsAxes, (float)p);
        var kept = Enumerable.Range(0, rank).Except(over).ToArray();
        var rows = x.permute([.. kept.Concat(over).Select(a => (long)a)]).reshape([.. kept.Select(a => x.size(a)), over.Aggregate(1L, (n, a) => n * x.size(a))]);
        var norm = rows.norm(kept.Length, false, (float)p);
        return keepsAxes ? norm.reshape([.. Enumerable.Range(0, rank).Select(a => over.Contains(a) ? 1 : x.size(a))]) : norm;
    }

    /// <summary>0, 1, … below <paramref name="count"/>.</summary>
    public static torch.Tensor Arange(long count, torch.ScalarType type, torch.Device device) => torch.arange(Scalars.Of(0L), Scalars.Of(count), Scalars.One, type, device);

    /// <summary>A tensor of one number again and again.</summary>
    public static torch.Tensor Full(long[] sizes, double value, torch.ScalarType type, torch.Device device) => torch.full(sizes, Scalars.Of(value), type, device);
}
