namespace Attune.Methods;

/// <summary>
/// Weight-decomposed adapters (Liu et al. 2024, arXiv:2402.09353): y = m·(W·x + s·B·(A·x))/‖W + s·B·A‖ + b, the norm by output row and without a gradient (section 4.3); m starts at ‖W‖, so that a
/// fresh adapter changes nothing. Linear layers only; convolutions stay frozen.
/// </summary>
internal sealed class Dora : Lora
{
    public override string Name => "dora";

    public override string Description => "Low-rank adapters and row magnitudes beside frozen Gemm and MatMul weights, merged at the end; the head trains fully.";

    protected override bool Decomposes => true;
}
