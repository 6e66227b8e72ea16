namespace Attune.Graphs.Operators;

/// <summary>Converts elements to the type that attribute <c>to</c> numbers.</summary>
internal sealed class Cast : Operator
{
    public override string Name => "Cast";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        var type = (DataType)context.Attributes.Int("to");
        if (!Enum.IsDefined(type) || type == DataType.Undefined) context.Fail($"attribute 'to' is {(long)type}, which is no element type");
        context.Output(0, type, context.Shape(0), type is DataType.Int32 or DataType.Int64 or DataType.Bool ? context.Content(0) : null);
    }
}
