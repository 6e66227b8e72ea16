namespace Attune.Graphs.Operators;

/// <summary>The same elements under a new shape: 0 copies a size (unless <c>allowzero</c>), −1 is what remains.</summary>
internal sealed class Reshape : Operator
{
    public override string Name => "Reshape";

    public override int Since => 5;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        context.RequireRank(1, 1, 1);
        Graphs.Shape? result = null;
        if (context.Content(1) is { } target) result = Target(context, context.Shape(0), target);
        else if (context.Shape(1) is { } shape && shape[0].Size is <= 64 and var rank) result = new Graphs.Shape(new Dimension[(int)rank]);
        context.Output(0, context.Type(0), result, result is { Rank: <= 1 } ? context.Content(0) : null);
    }

    /// <summary>The product of sizes: a number, one symbol, or unknown.</summary>
    public static Dimension Product(IEnumerable<Dimension> dimensions)
    {
        long known = 1;
        Dimension? symbol = null;
        foreach (var dimension in dimensions)
        {
            if (dimension.Size is { } size) known = checked(known * size);
            else if (symbol is not null || dimension.Symbol is null) return default;
            else symbol = dimension;
        }
        return symbol is null ? known : known == 1 ? symbol.Value : default;
    }

    private static Graphs.Shape Target(InferenceContext context, Graphs.Shape? input, IReadOnlyList<Dimension> target)
    {
        var allowZero = context.Attributes.Int("allowzero") != 0;
        var dimensions = target.ToArray();
        var open = -1;
        for (var i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i].Size == 0 && !allowZero)
            {
                if (input is not null && i >= input.Rank) context.Fail($"the target shape copies axis {i}, which {input} does not have");
                dimensions[i] = input is null ? default : input[i];
            }
            else if (dimensions[i].Size == -1)
            {
                if (open >= 0) context.Fail("the target shape has more than one -1");
                open = i;
            }
            else if (dimensions[i].Size < -1) context.Fail($"the target shape holds {dimensions[i]}");
        }
        if (open >= 0) dimensions[open] = input is null ? default : Remainder(context, input, dimensions, open);
        else if (input is not null && Product(input.Dimensions).Size is { } from && Product(dimensions).Size is { } to && from != to)
            context.Fail($"{input} cannot become [{string.Join(", ", dimensions)}]");
        return new Graphs.Shape(dimensions);
    }

    /// <summary>What −1 stands for: the input's sizes over the other target sizes, equal symbols cancelled.</summary>
    private static Dimension Remainder(InferenceContext context, Graphs.Shape input, Dimension[] target, int open)
    {
        var above = input.Dimensions.ToList();
        long below = 1;
        for (var i = 0; i < target.Length; i++)
        {
            if (i == open) continue;
            if (target[i].Size is { } size) below = checked(below * size);
            else if (target[i].Symbol is null || !above.Remove(target[i])) return default;
        }
        var product = Product(above);
        if (product.Size is not { } total) return below == 1 ? product : default;
        if (below == 0 || total % below != 0) context.Fail($"{input} cannot be reshaped to [{string.Join(", ", target)}]");
        return total / below;
    }
}
