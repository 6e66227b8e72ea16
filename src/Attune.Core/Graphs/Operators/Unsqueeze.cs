namespace Attune.Graphs.Operators;

/// <summary>Inserts axes of size 1 at the places that input 1 lists.</summary>
internal sealed class Unsqueeze : Operator
{
    public override string Name => "Unsqueeze";

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape && context.Integers(1) is { } axes)
        {
            var places = axes.Select(a => context.Axis(a, shape.Rank + axes.Length)).ToHashSet();
            if (places.Count != axes.Length) context.Fail("an axis is listed twice");
            var rest = new Queue<Dimension>(shape.Dimensions);
            result = new Graphs.Shape([.. Enumerable.Range(0, shape.Rank + axes.Length).Select(i => places.Contains(i) ? 1 : rest.Dequeue())]);
        }
        context.Output(0, context.Type(0), result, result is { Rank: <= 1 } ? context.Content(0) : null);
    }
}
