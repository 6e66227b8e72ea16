using Attune.Engines.Dense.Operators;
using Attune.Graphs;
using Attune.Numerics;
using Attune.Weights;

namespace Attune.Engines.Dense;

/// <summary>What a plan hands to the model, whatever its vector width.</summary>
internal abstract class DensePlan(Graph graph, CompileOptions options)
{
    public Graph Graph { get; } = graph;

    public CompileOptions Options { get; } = options;

    public List<DenseOperator> Operators { get; } = [];

    /// <summary>Values by name, aliases included.</summary>
    public Dictionary<string, DenseValue> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Graph inputs that the plan reads.</summary>
    public List<DenseValue> Inputs { get; } = [];

    public Dictionary<string, DenseParameter> Parameters { get; } = new(StringComparer.Ordinal);

    public DenseValue Output { get; protected set; } = null!;
}

/// <summary>Turns a graph into operators: shapes, parameter layouts, fusions, and who writes or adds which gradient. Touches no value memory.</summary>
internal sealed class DensePlan<TSimd, TVector>(Graph graph, CompileOptions options) : DensePlan(graph, options)
    where TSimd : struct, ISimd<TVector> where TVector : struct
{
    private readonly Dictionary<string, List<Node>> _consumers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<Node> _fused = [];

    /// <summary>Builds everything.</summary>
    /// <exception cref="NotSupportedException">A node cannot run; the message names it.</exception>
    public void Build()
    {
        if (Graph.Outputs.Count == 0 && Options.Output is null) throw new NotSupportedException($"Graph '{Graph.Name}' has no output.");
        var output = Options.Output ?? Graph.Outputs[0].Name;
        var nodes = Live(output);
        foreach (var node in nodes)
        {
            foreach (var input in node.Inputs.Distinct()) Consumers(input).Add(node);
        }
        foreach (var node in nodes)
        {
            if (_fused.Contains(node)) continue;
            try { Append(node, output); }
            catch (NotSupportedException e) { throw new NotSupportedException($"Node '{node.Name}' ({node.QualifiedOperator}): {e.Message}", e); }
        }
        Output = Values.TryGetValue(output, out var value) && !value.IsIndex
            ? value
            : throw new NotSupportedException($"Graph '{Graph.Name}' computes no value called '{output}'.{NearestName.Hint(output, Graph.Nodes.SelectMany(n => n.Outputs))}");
        foreach (var trainable in Options.Trainable) Train(trainable);
        DecideGradients();
    }

    private List<Node> Live(string output)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal) { output };
        var live = new List<Node>();
        for (var i = Graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = Graph.Nodes[i];
            if (!node.Outputs.Any(needed.Contains)) continue;
            live.Add(node);
            foreach (var input in node.Inputs) needed.Add(input);
        }
        live.Reverse();
        foreach (var input in Graph.Inputs)
        {
            if (needed.Contains(input.Name) && !Graph.Weights.Contains(input.Name)) AddInput(input);
        }
        return live;
    }

    private void AddInput(ValueInfo input)
    {
        var isIndex = input.Type is DataType.Int64 or DataType.Int32;
        if (!isIndex && input.Type != DataType.Float) throw new NotSupportedException($"Input '{input.Name}' is {input.Type}; the dense engine takes float and integer inputs.");
        if (input.Shape is not { } shape || shape.Rank == 0) throw new NotSupportedException($"Input '{input.Name}' has no known shape.");
        long width = 1;
        for (var axis = 1; axis < shape.Rank; axis++)
            width *= shape[axis].Size ?? throw new NotSupportedException($"Input '{input.Name}' has shape {shape}; only the first axis may be open.");
        if (width is < 1 or > 1 << 24) throw new NotSupportedException($"Input '{input.Name}' has shape {shape}.");
        if (isIndex && width != 1) throw new NotSupportedException($"Input '{input.Name}' has shape {shape}; an index input has one column.");
        var value = new DenseValue(input.Name, (int)width) { IsIndex = isIndex, NeedsFlatten = shape.Rank > 2 };
        Values.Add(input.Name, value);
        Inputs.Add(value);
    }

    private void Append(Node node, string output)
    {
        if (node.Domain is not ("" or "ai.onnx" or Node.AttuneDomain)) throw new NotSupportedException("this operator domain is unknown to the dense engine.");
        switch (node.Operator)
        {
            case "Constant": _constants[node.Outputs[0]] = node.Attributes.Get<Tensor>("value") ?? Scalar(node); break;
            case "Gemm": Gemm(node, output); break;
            case "MatMul": MatMul(node, output); break;
            case "Add": Arithmetic(node, ArithmeticKind.Add); break;
            case "Sub": Arithmetic(node, ArithmeticKind.Subtract); break;
            case "Mul": Arithmetic(node, ArithmeticKind.Multiply); break;
            case "Div": Arithmetic(node, ArithmeticKind.Divide); break;
            case "Relu": Unary<Relu<TSimd, TVector>>(node); break;
            case "LeakyRelu": Unary<LeakyRelu<TSimd, TVector>>(node, node.Attributes.Float("alpha", 0.01f)); break;
            case "Elu": Unary<Elu<TSimd, TVector>>(node, node.Attributes.Float("alpha", 1)); break;
            case "Erf": Unary<Erf<TSimd, TVector>>(node); break;
            case "Tanh": Unary<Tanh<TSimd, TVector>>(node); break;
            case "Sigmoid": Sigmoid(node, output); break;
            case "Gelu" when node.Attributes.Text("approximate", "none") == "tanh": Unary<GeluTanh<TSimd, TVector>>(node); break;
            case "Gelu": Unary<Gelu<TSimd, TVector>>(node); break;
            case "Softmax": Softmax(node); break;
            case "Dropout": Dropout(node); break;
            case "BatchNormalization": BatchNormalization(node); break;
            case "LayerNormalization": LayerNormalization(node); break;
            case "Gather": Gather(node); break;
            case "Concat": Concat(node); break;
            case "Identity": Alias(node, flattens: false); break;
            case "Flatten" when node.Attributes.Int("axis", 1) == 1: Alias(node, flattens: true); break;
            case "Reshape": Reshape(node); break;
            case "Squeeze" or "Cast" when Values.TryGetValue(node.Inputs[0], out var index) && index.IsIndex: Alias(node, flattens: false); break;
            case "Cast" when node.Attributes.Int("to") == (long)DataType.Float: Alias(node, flattens: false); break;
            default: throw new NotSupportedException("the dense engine has no such operator, or not with these attributes.");
        }
    }

    private static Tensor Scalar(Node node) => node.Attributes.TryGetValue("value_float", out var value) && value is float number
        ? Tensor.Of([number])
        : throw new NotSupportedException("a constant has to be a float tensor.");

    private void Gemm(Node node, string output)
    {
        if (node.Attributes.Int("transA") != 0) throw new NotSupportedException("transA is not 0.");
        var x = Value(node, 0);
        var weight = Stored(node, 1, rank: 2);
        var transposed = node.Attributes.Int("transB") != 0;
        var sizes = weight.Value.Sizes;
        var (inner, width) = transposed ? (sizes[1], sizes[0]) : (sizes[0], sizes[1]);
        if (inner != x.Width) throw new NotSupportedException($"'{x.Name}' has width {x.Width}; weight '{weight.Name}' {weight.Value} takes {inner}.");
        Product(node, node.Outputs[0], x, weight, transposed, (int)width, node.Input(2) is null ? null : Vector(node, 2, (int)width),
            node.Attributes.Float("alpha", 1), node.Attributes.Float("beta", 1), output);
    }

    // MatMul, with the Add of a bias behind it where that is its only consumer.
    private void MatMul(Node node, string output)
    {
        var x = Value(node, 0);
        var weight = Stored(node, 1, rank: 2);
        if (weight.Value.Sizes[0] != x.Width) throw new NotSupportedException($"'{x.Name}' has width {x.Width}; weight '{weight.Name}' {weight.Value} takes {weight.Value.Sizes[0]}.");
        var width = (int)weight.Value.Sizes[1];
        var result = node.Outputs[0];
        DenseParameter? bias = null;
        if (Only(result, output) is { Operator: "Add" } add && add.Inputs.Count == 2)
        {
            var slot = add.Inputs[0] == result ? 1 : 0;
            if (TryStored(add.Inputs[slot]) is { } other && other.Value.Count == width)
            {
                bias = Vector(add, slot, width);
                _fused.Add(add);
                result = add.Outputs[0];
            }
        }
        Product(node, result, x, weight, false, width, bias, 1, 1, output);
    }

    private void Product(Node node, string result, DenseValue x, Weight weight, bool transposed, int width, DenseParameter? bias, float alpha, float beta, string output)
    {
        var inner = x.Width;
        DenseParameter parameter;
        bool flipped;
        if (Parameters.TryGetValue(weight.Name, out var known))
        {
            if (known.Layout != ParameterLayout.Matrix) throw new NotSupportedException($"weight '{weight.Name}' is used as a matrix here and otherwise elsewhere.");
            parameter = known;
            // Rows of the engine's layout are rows of the store's unless Transposed.
            flipped = known.Transposed != transposed;
        }
        else
        {
            flipped = width <= GemmOperator<TSimd, TVector>.NarrowOutputs;
            parameter = flipped
                ? new DenseParameter(weight, ParameterLayout.Matrix, width, inner, !transposed)
                : new DenseParameter(weight, ParameterLayout.Matrix, inner, width, transposed);
            Parameters.Add(weight.Name, parameter);
        }
        var rectify = Only(result, output) is { Operator: "Relu" };
        if (rectify)
        {
            var relu = Only(result, output)!;
            _fused.Add(relu);
            result = relu.Outputs[0];
        }
        var y = Define(result, width);
        y.IsRectified = rectify;
        Operators.Add(new GemmOperator<TSimd, TVector>(node.Name, x, y, parameter, bias, alpha, beta, rectify, flipped));
    }

    private void Arithmetic(Node node, ArithmeticKind kind)
    {
        if (TryStored(node.Inputs[1]) is not null) Channel(node, kind, value: 0, weight: 1);
        else if (TryStored(node.Inputs[0]) is not null) Channel(node, kind, value: 1, weight: 0);
        else
        {
            DenseValue a = Value(node, 0), b = Value(node, 1);
            if (a.Width != b.Width) throw new NotSupportedException($"'{a.Name}' has width {a.Width} and '{b.Name}' {b.Width}.");
            Operators.Add(new BinaryOperator<TSimd, TVector>(node.Name, kind, a, b, Define(node.Outputs[0], a.Width)));
        }
    }

    private void Channel(Node node, ArithmeticKind kind, int value, int weight)
    {
        var x = Value(node, value);
        var count = TryStored(node.Inputs[weight])!.Value.Count;
        if (count != 1 && count != x.Width) throw new NotSupportedException($"'{node.Inputs[weight]}' has {count} values for width {x.Width}.");
        var parameter = Vector(node, weight, (int)count);
        Operators.Add(new ChannelOperator<TSimd, TVector>(node.Name, kind, x, Define(node.Outputs[0], x.Width), parameter, weight == 0));
    }

    private void Unary<TFunction>(Node node, float alpha = 0) where TFunction : struct, IUnaryFunction<TSimd, TVector>
    {
        var x = Value(node, 0);
        Operators.Add(new UnaryOperator<TSimd, TVector, TFunction>(node.Name, x, Define(node.Outputs[0], x.Width), alpha));
    }

    // Mul(x, Sigmoid(x)) is Silu.
    private void Sigmoid(Node node, string output)
    {
        if (Only(node.Outputs[0], output) is { Operator: "Mul" } mul && mul.Inputs.Contains(node.Inputs[0]) && mul.Inputs.Contains(node.Outputs[0]))
        {
            var x = Value(node, 0);
            _fused.Add(mul);
            Operators.Add(new UnaryOperator<TSimd, TVector, Silu<TSimd, TVector>>(mul.Name, x, Define(mul.Outputs[0], x.Width), 0));
        }
        else Unary<Sigmoid<TSimd, TVector>>(node);
    }

    private void Softmax(Node node)
    {
        if (node.Attributes.Int("axis", -1) is not (-1 or 1)) throw new NotSupportedException("only the last axis.");
        var x = Value(node, 0);
        Operators.Add(new SoftmaxOperator<TSimd, TVector>(node.Name, x, Define(node.Outputs[0], x.Width)));
    }

    private void Dropout(Node node)
    {
        if (node.Output(1) is { } mask && _consumers.ContainsKey(mask)) throw new NotSupportedException("its mask is used.");
        var x = Value(node, 0);
        var ratio = 0.5f;
        if (node.Input(1) is { } input)
        {
            var stored = TryStored(input) ?? throw new NotSupportedException("its ratio is computed.");
            ratio = DenseParameter.Floats(stored.Value)[0];
        }
        else if (node.Attributes.TryGetValue("ratio", out var attribute) && attribute is float number) ratio = number;
        if (!(ratio >= 0 && ratio < 1)) throw new NotSupportedException(FormattableString.Invariant($"its ratio is {ratio}; it has to be in [0, 1)."));
        if (ratio == 0) Values[node.Outputs[0]] = x;
        else Operators.Add(new DropoutOperator<TSimd, TVector>(node.Name, x, Define(node.Outputs[0], x.Width), ratio));
    }

    private void BatchNormalization(Node node)
    {
        var x = Value(node, 0);
        var parameters = Enumerable.Range(1, 4).Select(i => Vector(node, i, x.Width)).ToArray();
        parameters[2].IsChangingBuffer = parameters[3].IsChangingBuffer = !Options.FreezeBatchNorm;
        Operators.Add(new BatchNormalizationOperator<TSimd, TVector>(node.Name, x, Define(node.Outputs[0], x.Width), parameters[0], parameters[1], parameters[2], parameters[3],
            node.Attributes.Float("epsilon", 1e-5f), node.Attributes.Float("momentum", 0.9f), Options.FreezeBatchNorm));
    }

    private void LayerNormalization(Node node)
    {
        var x = Value(node, 0);
        if (node.Attributes.Int("axis", -1) is not (-1 or 1)) throw new NotSupportedException("only the last axis.");
        if (node.Outputs.Skip(1).Any(o => _consumers.ContainsKey(o))) throw new NotSupportedException("its mean or deviation is used.");
        Operators.Add(new LayerNormalizationOperator<TSimd, TVector>(node.Name, x, Define(node.Outputs[0], x.Width), Vector(node, 1, x.Width),
            node.Input(2) is null ? null : Vector(node, 2, x.Width), node.Attributes.Float("epsilon", 1e-5f)));
    }

    private IReadOnlyList<EmbeddingLookup>? _lookups;

    private void Gather(Node node)
    {
        if (node.Attributes.Int("axis") != 0) throw new NotSupportedException("only axis 0 of a table.");
        var weight = Stored(node, 0, rank: 2);
        if (!Values.TryGetValue(node.Inputs[1], out var indices) || !indices.IsIndex) throw new NotSupportedException("its indices have to be a graph input.");
        if (!Parameters.TryGetValue(weight.Name, out var table))
            Parameters.Add(weight.Name, table = new DenseParameter(weight, ParameterLayout.Table, (int)weight.Value.Sizes[0], (int)weight.Value.Sizes[1], false));
        else if (table.Layout != ParameterLayout.Table) throw new NotSupportedException($"weight '{weight.Name}' is used as a table here and otherwise elsewhere.");
        var noise = Options.NeftuneAlpha > 0 && (_lookups ??= EmbeddingLookups.Of(Graph)).Any(l => l.Node.Name == node.Name) ? (float)Options.NeftuneAlpha / MathF.Sqrt(table.Columns) : 0;
        Operators.Add(new GatherOperator(node.Name, indices, Define(node.Outputs[0], table.Columns), table, noise));
    }

    private void Concat(Node node)
    {
        if (node.Attributes.Int("axis", 1) is not (-1 or 1)) throw new NotSupportedException("only the last axis.");
        var inputs = Enumerable.Range(0, node.Inputs.Count).Select(i => Value(node, i)).ToArray();
        Operators.Add(new ConcatOperator(node.Name, inputs, Define(node.Outputs[0], inputs.Sum(v => v.Width))));
    }

    private void Reshape(Node node)
    {
        var target = TryStored(node.Inputs[1])?.Value;
        var value = Values.TryGetValue(node.Inputs[0], out var found) ? found : null;
        if (target is not { Type: DataType.Int64 } || value is null) throw new NotSupportedException("its shape is computed.");
        var sizes = target.Data.Span<long>().ToArray();
        var keepsRows = sizes.Length == 2 && (sizes[1] == value.Width || (sizes[1] == -1 && sizes[0] == 0)) && sizes[0] is 0 or -1;
        if (!keepsRows && !(value.IsIndex && sizes is [-1])) throw new NotSupportedException($"shape [{string.Join(", ", sizes)}] is not [B, {value.Width}].");
        Alias(node, flattens: true);
    }

    private void Alias(Node node, bool flattens)
    {
        if (!Values.TryGetValue(node.Inputs[0], out var value))
        {
            if (TryStored(node.Inputs[0]) is not { } weight) throw new NotSupportedException($"'{node.Inputs[0]}' is not computed by the dense engine.");
            _constants[node.Outputs[0]] = weight.Value;
            return;
        }
        if (value.NeedsFlatten && flattens)
        {
            // The same memory under a value that others may take.
            var flat = new DenseValue(value.Name, value.Width);
            Inputs[Inputs.IndexOf(value)] = flat;
            Values[value.Name] = value = flat;
        }
        Values[node.Outputs[0]] = value;
    }

    private DenseValue Value(Node node, int input)
    {
        var name = node.Input(input) ?? throw new NotSupportedException($"input {input} is missing.");
        if (!Values.TryGetValue(name, out var value)) throw new NotSupportedException($"input '{name}' is a weight or constant where a computed value is expected.");
        if (value.IsIndex) throw new NotSupportedException($"input '{name}' holds indices.");
        if (value.NeedsFlatten) throw new NotSupportedException($"input '{name}' has more than two axes.");
        value.Uses++;
        return value;
    }

    private DenseValue Define(string name, int width)
    {
        var value = new DenseValue(name, width);
        Values.Add(name, value);
        return value;
    }

    private Weight? TryStored(string name) => Graph.Weights.TryGet(name, out var weight) ? weight
        : _constants.TryGetValue(name, out var constant) ? new Weight(name, constant, WeightRole.Constant)
        : null;

    private Weight Stored(Node node, int input, int rank)
    {
        var name = node.Input(input) ?? throw new NotSupportedException($"input {input} is missing.");
        var weight = TryStored(name) ?? throw new NotSupportedException($"input '{name}' has to be a stored weight.");
        if (weight.Value.Sizes.Count != rank) throw new NotSupportedException($"weight '{name}' is {weight.Value}; {rank} axes are needed.");
        if (!weight.Value.Type.IsFloating()) throw new NotSupportedException($"weight '{name}' is {weight.Value}.");
        return weight;
    }

    private DenseParameter Vector(Node node, int input, int count)
    {
        var name = node.Input(input) ?? throw new NotSupportedException($"input {input} is missing.");
        var weight = TryStored(name) ?? throw new NotSupportedException($"input '{name}' has to be a stored weight.");
        if (weight.Value.Count != count || !weight.Value.Type.IsFloating() || weight.Value.Sizes.Any(s => s != 1 && s != count))
            throw new NotSupportedException($"weight '{name}' is {weight.Value}; {count} floats are needed.");
        if (!Parameters.TryGetValue(weight.Name, out var parameter)) Parameters.Add(weight.Name, parameter = new DenseParameter(weight, ParameterLayout.Vector, 1, count, false));
        else if (parameter.Layout != ParameterLayout.Vector) throw new NotSupportedException($"weight '{name}' is used as a vector here and otherwise elsewhere.");
        return parameter;
    }

    private List<Node> Consumers(string name)
    {
        if (!_consumers.TryGetValue(name, out var list)) _consumers.Add(name, list = []);
        return list;
    }

    // The only node that reads a value which is not the output itself.
    private Node? Only(string name, string output) => name != output && _consumers.TryGetValue(name, out var list) && list.Count == 1 ? list[0] : null;

    private void Train(TrainableWeight trainable)
    {
        var weight = Graph.Weights[trainable.Name];
        if (!Parameters.TryGetValue(weight.Name, out var parameter))
            throw new WeightsException($"Weight '{trainable.Name}' is to be trained, but nothing that '{Options.Output ?? Graph.Outputs[0].Name}' needs uses it.");
        if (parameter.IsChangingBuffer || weight.Role == WeightRole.Buffer) throw new WeightsException($"'{trainable.Name}' is a buffer of running statistics; it cannot be trained.");
        if (parameter.Trainable is not null) throw new WeightsException($"Weight '{trainable.Name}' is named twice among those to be trained.");
        parameter.Trainable = trainable;
    }

    private void DecideGradients()
    {
        foreach (var op in Operators)
            op.Output.NeedsGradient = op.Inputs.Any(v => v.NeedsGradient) || op.Parameters.Any(p => p.Trainable is not null);
        Output.Uses++;
        foreach (var op in Operators)
        {
            if (op is GemmOperator<TSimd, TVector> { TakesLateRows: true } && Inputs.Contains(op.Inputs[0]) && op.Inputs[0] is { Uses: 1, Width: > DenseInputs.NarrowWidth } wide)
                wide.IsGatheredLate = true;
        }
        var written = new HashSet<object>();
        if (Output.NeedsGradient) written.Add(Output);
        for (var i = Operators.Count - 1; i >= 0; i--)
        {
            var op = Operators[i];
            if (!op.Output.NeedsGradient) continue;
            for (var k = 0; k < op.Parameters.Length; k++) op.AddsParameter[k] = !written.Add(op.Parameters[k]);
            for (var k = 0; k < op.Inputs.Length; k++)
            {
                var input = op.Inputs[k];
                if (!input.NeedsGradient) continue;
                op.AddsInput[k] = !written.Add(input);
                input.GradientIsMasked = input.IsRectified && input.Uses == 1 && op is GemmOperator<TSimd, TVector>;
            }
        }
    }
}
