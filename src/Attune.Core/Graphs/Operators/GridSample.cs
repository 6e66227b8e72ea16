namespace Attune.Graphs.Operators;

/// <summary>Reads x [B, C, …] at positions [B, …, axes] in −1…1.</summary>
internal sealed class GridSample : Operator
{
    public override string Name => "GridSample";

    public override int Since => 16;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.RequireRank(0, 3);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } x && context.Shape(1) is { } grid)
        {
            if (grid.Rank != x.Rank || grid[-1].Size is { } axes && axes != x.Rank - 2) context.Fail($"positions {grid} do not fit input {x}");
            result = new Graphs.Shape([x[0], x[1], .. grid.Dimensions.Skip(1).SkipLast(1)]);
        }
        context.Output(0, context.Type(0), result);
    }
}
