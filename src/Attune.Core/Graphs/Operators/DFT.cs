namespace Attune.Graphs.Operators;

/// <summary>Discrete Fourier transform along an axis (input 2); the last axis holds real or complex numbers.</summary>
internal sealed class DFT : Operator
{
    public override string Name => "DFT";

    public override int Since => 17;

    public override Arity Inputs => new(1, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.Require(1, ElementKind.Index);
        context.Require(2, ElementKind.Index);
        context.RequireRank(0, 2);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var dimensions = shape.Dimensions.ToArray();
            if (!context.Has(2) || context.Integers(2) is [_])
            {
                var axis = context.Axis(context.Has(2) ? context.Integers(2)![0] : context.Attributes.Int("axis", -2), shape.Rank);
                if (context.Has(1)) dimensions[axis] = context.Content(1) is [var length] ? length : default;
                if (context.Attributes.Int("onesided") != 0) dimensions[axis] = dimensions[axis].Size is { } size ? size / 2 + 1 : default(Dimension);
            }
            else Array.Clear(dimensions);
            dimensions[^1] = 2;
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
    }
}
