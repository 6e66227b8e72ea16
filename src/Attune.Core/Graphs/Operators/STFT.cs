namespace Attune.Graphs.Operators;

/// <summary>Short-time Fourier transform of a signal [B, L, 1 or 2] with step (input 1), window (2) and frame length (3): [B, frames, bins, 2].</summary>
internal sealed class STFT : Operator
{
    public override string Name => "STFT";

    public override int Since => 17;

    public override Arity Inputs => new(2, 4);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 2, 3);
        context.Require(1, ElementKind.Index);
        context.Require(3, ElementKind.Index);
        if (!context.Has(2) && !context.Has(3)) context.Fail("neither a window nor a frame length is given");
        Dimension frames = default, bins = default;
        var length = context.Has(3) ? context.Integers(3)?[0] : context.Shape(2) is { Rank: 1 } window ? window[0].Size : null;
        if (length is { } size)
        {
            if (size < 1) context.Fail($"the frame length is {size}");
            var isReal = context.Shape(0) is { Rank: 3 } signal && signal[2].Size == 1 || context.Shape(0) is { Rank: 2 };
            bins = context.Attributes.Int("onesided", 1) != 0 && isReal ? size / 2 + 1 : size;
            if (context.Shape(0) is { } shape && shape[1].Size is { } all && context.Integers(1) is [> 0 and var step]) frames = Math.Max(0, (all - size) / step + 1);
        }
        context.Output(0, context.Type(0), new Graphs.Shape(context.Shape(0) is { } x ? x[0] : default, frames, bins, 2));
    }
}
