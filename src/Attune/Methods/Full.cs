namespace Attune.Methods;

/// <summary>Every parameter trains.</summary>
internal sealed class Full : TuningMethod
{
    public override string Name => "full";

    public override string Description => "Every weight trains.";

    public override bool FreezesBatchNorm => false;

    public override MethodSelection Select(MethodContext context)
        => new(context.Structure.Graph, context.HeadAnd(WeightKind.Matrix, WeightKind.Table, WeightKind.Bias, WeightKind.Scale, WeightKind.Shift, WeightKind.Other));
}
