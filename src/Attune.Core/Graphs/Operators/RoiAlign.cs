namespace Attune.Graphs.Operators;

/// <summary>Averages of bilinear reads in a grid over each region [x1, y1, x2, y2] of the row in input 2: [regions, C, height, width].</summary>
internal sealed class RoiAlign : Operator
{
    public override string Name => "RoiAlign";

    public override int Since => 10;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 4, 4);
        context.RequireRank(1, 2, 2);
        context.Require(2, ElementKind.Index);
        var (height, width) = (context.Attributes.Int("output_height", 1), context.Attributes.Int("output_width", 1));
        context.Output(0, context.Type(0), new Graphs.Shape(context.Shape(1) is { } regions ? regions[0] : default, context.Shape(0) is { } x ? x[1] : default, height, width));
    }
}
