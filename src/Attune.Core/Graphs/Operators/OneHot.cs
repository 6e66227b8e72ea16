namespace Attune.Graphs.Operators;

/// <summary>1 at <c>indices</c> along a new axis of length <c>depth</c>, 0 elsewhere; input 2 holds both values.</summary>
internal sealed class OneHot : Operator
{
    public override string Name => "OneHot";

    public override int Since => 9;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.Require(1, ElementKind.Numeric);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var axis = context.Axis(context.Attributes.Int("axis", -1), shape.Rank + 1);
            var dimensions = shape.Dimensions.ToList();
            dimensions.Insert(axis, context.Content(1) is [var depth] ? depth : default);
            result = new Graphs.Shape(dimensions);
        }
        if (context.Content(1) is [{ Size: < 0 and var negative }]) context.Fail($"depth is {negative}");
        context.Output(0, context.Type(2), result);
    }
}
