namespace Attune.Graphs.Operators;

/// <summary>A window function of a given size.</summary>
internal abstract class WindowOperator(string name) : Operator
{
    public override string Name => name;

    public override int Since => 17;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Index);
        context.Output(0, (DataType)context.Attributes.Int("output_datatype", (long)DataType.Float), new Graphs.Shape(context.Content(0) is [var size] ? size : default));
    }
}
