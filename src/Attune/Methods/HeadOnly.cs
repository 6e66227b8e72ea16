namespace Attune.Methods;

/// <summary>Only the last linear layer trains (linear probing); everything below is a fixed feature extractor.</summary>
internal sealed class HeadOnly : TuningMethod
{
    public override string Name => "head";

    public override string Description => "Only the last layer trains; everything below stays byte for byte.";

    public override MethodSelection Select(MethodContext context) => new(context.Structure.Graph, context.HeadAndFresh);
}
