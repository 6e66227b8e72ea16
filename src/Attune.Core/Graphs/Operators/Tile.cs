namespace Attune.Graphs.Operators;

/// <summary>Repeats x as often as input 1 says, per axis.</summary>
internal sealed class Tile : Operator
{
    public override string Name => "Tile";

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var dimensions = new Dimension[shape.Rank];
            if (context.Integers(1) is { } repeats)
            {
                if (repeats.Length != shape.Rank) context.Fail($"has {repeats.Length} repeats for {shape}");
                if (repeats.Any(r => r < 0)) context.Fail("a repeat is negative");
                for (var i = 0; i < repeats.Length; i++) dimensions[i] = repeats[i] == 1 ? shape[i] : shape[i].Size is { } size ? checked(size * repeats[i]) : default(Dimension);
            }
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
    }
}
