using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Tests.Engines.Torch;

/// <summary>How an operand takes part.</summary>
internal enum OperandRole { Differentiated, Real, Exact, Given, Absent }

/// <summary>An input of a case: real values follow the type that the case runs in; exact ones are constants of the graph as they stand, given ones graph inputs.</summary>
internal sealed record Operand(OperandRole Role, double[] Values, long[] Shape, Tensor? Exact = null)
{
    public Tensor Stored(DataType type) => Exact ?? (type == DataType.Double ? Tensor.Of(Values, Shape) : Tensor.Of(Array.ConvertAll(Values, v => (float)v), Shape));
}

/// <summary>One node with small inputs, for gradients and for the comparison with ONNX Runtime.</summary>
internal sealed record OperatorCase(string Operator, Operand[] Inputs, Attributes? Settings = null, int Outputs = 1, string Label = "")
{
    /// <summary>The graph of this one node, with its outputs o0, o1, …; integers and constants stand in it.</summary>
    public Graph Graph(DataType type)
    {
        var (inputs, weights, names) = (new List<ValueInfo>(), new WeightStore(), new List<string>());
        for (var i = 0; i < Inputs.Length; i++)
        {
            var operand = Inputs[i];
            names.Add(operand.Role == OperandRole.Absent ? "" : $"x{i}");
            if (operand.Role == OperandRole.Absent) continue;
            var value = operand.Stored(type);
            if (operand.Role is OperandRole.Differentiated or OperandRole.Given) inputs.Add(new ValueInfo(names[i], value.Type, Shape.Of([.. value.Sizes])));
            else weights.Add(names[i], value, WeightRole.Constant);
        }
        string[] outputs = [.. Enumerable.Range(0, Outputs).Select(i => $"o{i}")];
        var reads = Operator == "If" ? names.Take(1) : names;
        var graph = new Graph("case", inputs, [], [new Node("node", Operator, [.. reads], outputs, Settings ?? Attributes.None)], weights);
        var known = ShapeInference.Infer(graph);
        return graph with { Outputs = [.. outputs.Select(o => known[o])] };
    }

    /// <summary>What the graph's inputs are given.</summary>
    public Dictionary<string, Tensor> Feeds(DataType type)
        => Enumerable.Range(0, Inputs.Length).Where(i => Inputs[i].Role is OperandRole.Differentiated or OperandRole.Given).ToDictionary(i => $"x{i}", i => Inputs[i].Stored(type));

    public override string ToString() => Label.Length == 0 ? Operator : $"{Operator} {Label}";
}
