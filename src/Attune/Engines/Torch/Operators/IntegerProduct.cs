using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Matrix products of integers less their zero points, as int64 or double where exact.</summary>
internal static class IntegerProduct
{
    /// <summary>(a − za)·(b − zb) in double precision, which is exact below 2^53; temporaries are left to the dispose scope.</summary>
    public static torch.Tensor Apply(torch.Tensor a, torch.Tensor? aZero, torch.Tensor b, torch.Tensor? bZero)
    {
        var left = a.As(torch.ScalarType.Float64);
        var right = b.As(torch.ScalarType.Float64);
        if (aZero is not null) left = left.sub(aZero.dim() == 1 && aZero.numel() > 1 ? aZero.unsqueeze(1) : aZero.numel() == 1 ? aZero.reshape([]) : aZero);   // per row
        if (bZero is not null) right = right.sub(bZero.numel() == 1 ? bZero.reshape([]) : bZero);   // per column
        return left.matmul(right);
    }
}
