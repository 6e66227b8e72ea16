using Attune.Graphs.Operators;

namespace Attune.Graphs.Onnx;

/// <summary>Writes the small nodes that stand for a larger one: names them after it, keeps types, and makes the constants they need.</summary>
/// <param name="lookup">What inference knows about a value.</param>
/// <param name="stored">A weight's tensor, or null.</param>
/// <param name="freshValue">A free name for a value.</param>
/// <param name="freshNode">A free name for a node.</param>
/// <param name="addConstant">Stores a constant.</param>
/// <param name="addNode">Appends a node.</param>
internal sealed class NodeWriter(Func<string, KnownValue> lookup, Func<string, Tensor?> stored, Func<string, string> freshValue, Func<string, string> freshNode, Action<string, Tensor> addConstant, Action<Node> addNode)
{
    /// <summary>Element type of a value; fp32 when unknown.</summary>
    public DataType Type(string value) => lookup(value).Type is var type && type == DataType.Undefined ? DataType.Float : type;

    /// <summary>Shape of a value as far as it is known.</summary>
    public Shape? Shape(string value) => lookup(value).Shape;

    /// <summary>A weight's tensor, or null when the value is computed or given.</summary>
    public Tensor? Stored(string value) => stored(value);

    /// <summary>Appends a node whose output gets a fresh name.</summary>
    public string Emit(Node near, string op, string[] inputs, Attributes? attributes = null) => EmitMany(near, op, inputs, 1, attributes)[0];

    /// <summary>Appends a node with several fresh outputs.</summary>
    public string[] EmitMany(Node near, string op, string[] inputs, int outputs, Attributes? attributes = null)
    {
        var names = new string[outputs];
        for (var i = 0; i < outputs; i++) names[i] = freshValue($"{near.Name}.{op.ToLowerInvariant()}");
        addNode(new Node(freshNode($"{near.Name}.{op.ToLowerInvariant()}"), op, inputs, names, attributes ?? Attributes.None));
        return names;
    }

    /// <summary>Appends the node that gives the original's first output, under the original's name.</summary>
    public void Finish(Node original, string op, string[] inputs, Attributes? attributes = null)
        => addNode(new Node(original.Name, op, inputs, [original.Outputs[0]], attributes ?? Attributes.None));

    /// <summary>Appends a node as it is.</summary>
    public void Add(Node node) => addNode(node);

    /// <summary>A scalar constant of a type.</summary>
    public string Scalar(Node near, double value, DataType type) => Constant(near, "constant", Tensor.Of([value]).ToFloating(type.IsFloating() ? type : DataType.Float));

    /// <summary>An int64 vector.</summary>
    public string Integers(Node near, string hint, params long[] values) => Constant(near, hint, Tensor.Of(values, values.Length));

    /// <summary>A constant named after its node.</summary>
    public string Constant(Node near, string hint, Tensor value)
    {
        var name = freshValue($"{near.Name}.{hint}");
        addConstant(name, value);
        return name;
    }
}
