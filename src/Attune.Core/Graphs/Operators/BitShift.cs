namespace Attune.Graphs.Operators;

/// <summary>Shifts the bits of unsigned integers left or right.</summary>
internal sealed class BitShift : Operator
{
    public override string Name => "BitShift";

    public override int Since => 11;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Integer);
        if (context.Attributes.Text("direction") is not ("LEFT" or "RIGHT")) context.Fail($"attribute 'direction' is '{context.Attributes.Text("direction")}'; LEFT or RIGHT was expected");
        context.Output(0, context.SameType(0, 1), Broadcasting.Shapes(context, 0, 1));
    }
}
