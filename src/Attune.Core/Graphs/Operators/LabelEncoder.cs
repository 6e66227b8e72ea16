namespace Attune.Graphs.Operators;

/// <summary>Maps keys to values (strings, int64 or floats), unknown keys to the default.</summary>
internal sealed class LabelEncoder : Operator
{
    public override string Name => "LabelEncoder";

    public override string Domain => "ai.onnx.ml";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        var keys = Table(context, "keys");
        var values = Table(context, "values");
        if (keys.Count != values.Count) context.Fail($"has {keys.Count} keys and {values.Count} values");
        if (context.Type(0) != DataType.Undefined && context.Type(0) != keys.Type) context.Fail($"reads {context.Type(0)} ('{context.Node.Inputs[0]}') with keys of {keys.Type}");
        context.Output(0, values.Type, context.Shape(0));
    }

    private static (DataType Type, long Count) Table(InferenceContext context, string side)
    {
        if (context.Attributes.Get<string[]>($"{side}_strings") is { } strings) return (DataType.String, strings.Length);
        if (context.Attributes.Get<long[]>($"{side}_int64s") is { } integers) return (DataType.Int64, integers.Length);
        if (context.Attributes.Get<float[]>($"{side}_floats") is { } floats) return (DataType.Float, floats.Length);
        if (context.Attributes.Get<Tensor>($"{side}_tensor") is { } tensor) return (tensor.Type, tensor.Count);
        context.Fail($"has no {side} (attribute {side}_strings, {side}_int64s, {side}_floats or {side}_tensor)");
        return default;
    }
}
