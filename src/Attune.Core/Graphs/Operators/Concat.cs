namespace Attune.Graphs.Operators;

/// <summary>Joins along <c>axis</c>.</summary>
internal sealed class Concat : Operator
{
    public override string Name => "Concat";

    public override Arity Inputs => Arity.AtLeast(1);

    public override void Infer(InferenceContext context)
    {
        int[] inputs = [.. Enumerable.Range(0, context.Node.Inputs.Count)];
        if (!context.Attributes.ContainsKey("axis")) context.Fail("attribute 'axis' is missing");
        context.Output(0, context.SameType(inputs), Joined(context, inputs), Content(context, inputs));
    }

    private static Graphs.Shape? Joined(InferenceContext context, int[] inputs)
    {
        if (context.Shape(0) is not { } first) return null;
        var axis = context.Axis(context.Attributes.Int("axis"), first.Rank);
        var dimensions = first.Dimensions.ToArray();
        foreach (var input in inputs.Skip(1))
        {
            if (context.Shape(input) is not { } shape) return null;
            if (shape.Rank != first.Rank) context.Fail($"shapes {first} and {shape} have different ranks");
            for (var i = 0; i < dimensions.Length; i++)
            {
                if (i != axis) dimensions[i] = context.Agree(dimensions[i], shape[i], $"axis {i} of '{context.Node.Inputs[0]}' and '{context.Node.Inputs[input]}'");
                else dimensions[i] = dimensions[i].Size is { } a && shape[i].Size is { } b ? checked(a + b) : default(Dimension);
            }
        }
        return new Graphs.Shape(dimensions);
    }

    private static List<Dimension>? Content(InferenceContext context, int[] inputs)
    {
        var content = new List<Dimension>();
        foreach (var input in inputs)
        {
            if (context.Content(input) is { } part) content.AddRange(part);
            else if (context.Shape(input) is { Rank: 1 } shape && shape[0].Size is <= KnownValue.MaxContent and var size) content.AddRange(new Dimension[(int)size]);
            else return null;
            if (content.Count > KnownValue.MaxContent) return null;
        }
        return content;
    }
}
