namespace Attune.Graphs.Operators;

/// <summary>A tensor of the given shape, filled with attribute <c>value</c> (default: float 0).</summary>
internal sealed class ConstantOfShape : Operator
{
    public override string Name => "ConstantOfShape";

    public override int Since => 9;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Index);
        var value = context.Attributes.Get<Tensor>("value");
        var sizes = context.Content(0);
        Graphs.Shape? shape = sizes is not null ? new Graphs.Shape([.. sizes]) : context.Shape(0) is { Rank: 1 } s && s[0].Size is <= 64 and var rank ? new Graphs.Shape(new Dimension[(int)rank]) : null;
        if (sizes is not null && sizes.Any(s => s.Size < 0)) context.Fail($"shape {shape} has a negative size");
        var fill = value is null ? null : KnownValue.Of(value).Content;
        var content = fill is [var element] && sizes is [{ Size: <= KnownValue.MaxContent and var count }] ? Enumerable.Repeat(element, (int)count).ToArray() : null;
        context.Output(0, value?.Type ?? DataType.Float, shape, content);
    }
}
