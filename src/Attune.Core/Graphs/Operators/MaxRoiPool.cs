namespace Attune.Graphs.Operators;

/// <summary>The greatest values of a grid over each region [row, x1, y1, x2, y2]: [regions, C, grid …].</summary>
internal sealed class MaxRoiPool : Operator
{
    public override string Name => "MaxRoiPool";

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 4, 4);
        context.RequireRank(1, 2, 2);
        if (context.Attributes.Get<long[]>("pooled_shape") is not [var height, var width])
        {
            context.Fail("attribute 'pooled_shape' has to hold two numbers");
            return;
        }
        context.Output(0, context.Type(0), new Graphs.Shape(context.Shape(1) is { } regions ? regions[0] : default, context.Shape(0) is { } x ? x[1] : default, height, width));
    }
}
