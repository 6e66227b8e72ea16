namespace Attune.Graphs.Operators;

/// <summary>Adds sliding blocks [B, C · block, blocks] back into an image of the sizes in input 1; input 2 holds the block's sizes.</summary>
internal sealed class Col2Im : Operator
{
    public override string Name => "Col2Im";

    public override int Since => 18;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.RequireRank(0, 3, 3);
        context.Require(1, ElementKind.Index);
        context.Require(2, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Content(1) is { } image)
        {
            Dimension channels = default;
            if (context.Shape(0) is { } shape && shape[1].Size is { } all && context.Integers(2) is { } block)
            {
                var elements = block.Aggregate(1L, (a, b) => checked(a * b));
                if (elements < 1 || all % elements != 0) context.Fail($"{all} channels cannot be cut into blocks of {elements}");
                channels = all / elements;
            }
            result = new Graphs.Shape([context.Shape(0) is { } x ? x[0] : default, channels, .. image]);
        }
        context.Output(0, context.Type(0), result);
    }
}
