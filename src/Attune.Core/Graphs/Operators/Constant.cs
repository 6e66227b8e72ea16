namespace Attune.Graphs.Operators;

/// <summary>A value that stands in the node; becomes a named weight when a file is read.</summary>
internal sealed class Constant : Operator
{
    public override string Name => "Constant";

    public override Arity Inputs => new(0, 0);

    public override void Infer(InferenceContext context)
    {
        if (context.Attributes.Get<Tensor>("value") is not { } value)
        {
            context.Fail("attribute 'value' is missing");
            return;
        }
        var known = KnownValue.Of(value);
        context.Output(0, known.Type, known.Shape, known.Content);
    }
}
