namespace Attune.Methods;

/// <summary>Biases, offsets of norms included, and the head train (Ben Zaken et al. 2022, arXiv:2106.10199).</summary>
internal sealed class BitFit : TuningMethod
{
    public override string Name => "bitfit";

    public override string Description => "Biases (offsets of norms included) and the head train.";

    public override MethodSelection Select(MethodContext context) => new(context.Structure.Graph, context.HeadAnd(WeightKind.Bias, WeightKind.Shift));
}
