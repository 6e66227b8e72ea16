namespace Attune.Methods;

/// <summary>
/// Gains and offsets of normalisations, other factors along a channel axis included (layer scale), and the head train. BatchNormalization's statistics follow the new
/// data, because they are part of what such a layer knows of its inputs.
/// </summary>
internal sealed class NormOnly : TuningMethod
{
    public override string Name => "norm-only";

    public override string Description => "Gains and offsets of norms and the head train; BatchNormalization's statistics follow.";

    public override bool FreezesBatchNorm => false;

    public override MethodSelection Select(MethodContext context) => new(context.Structure.Graph, context.HeadAnd(WeightKind.Scale, WeightKind.Shift));
}
