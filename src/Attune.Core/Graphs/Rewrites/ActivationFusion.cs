namespace Attune.Graphs.Rewrites;

/// <summary>GELU (exact and tanh form) and HardSwish, written out with Erf, Tanh, Clip or HardSigmoid → one node each. x·σ(x) stays as it is: ONNX has no node for it.</summary>
internal static class ActivationFusion
{
    private const int MaxClimb = 4, MaxReaders = 24;

    /// <summary>Rewrites every match.</summary>
    public static void Run(GraphEdit edit)
    {
        foreach (var anchor in edit.Nodes)
        {
            if (!edit.Holds(anchor) || anchor.Domain.Length > 0) continue;
            if (anchor.Operator == "Erf") Fuse(edit, anchor, "Gelu", Attributes.None, x => 0.5 * x * (1 + ScalarFunction.Erf(x / Math.Sqrt(2))));
            else if (anchor.Operator == "Tanh") Fuse(edit, anchor, "Gelu", Attributes.Of(("approximate", "tanh")), x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
            else if (anchor.Operator is "Clip" or "HardSigmoid") Fuse(edit, anchor, "HardSwish", Attributes.None, x => x * Math.Clamp(x / 6 + 0.5, 0, 1));
        }
    }

    private static void Fuse(GraphEdit edit, Node anchor, string op, Attributes attributes, Func<double, double> function)
    {
        if (anchor.Input(0) is null || anchor.Output(0) is not { } start) return;
        var arguments = ScalarFunction.Arguments(edit, start);
        var open = new Queue<(string Value, int Depth)>([(start, 0)]);
        var seen = 0;
        while (open.TryDequeue(out var at))
        {
            foreach (var next in edit.Readers(at.Value).Take(MaxReaders).ToArray())
            {
                if (++seen > MaxReaders) return;
                if (next is not { Domain.Length: 0, Operator: "Add" or "Sub" or "Mul" or "Div" or "Identity" } || next.Output(0) is not { } top) continue;
                if (next.Operator is "Mul" or "Div" && arguments.Find(x => Matches(edit, top, x, function)) is { } argument)
                {
                    edit.Replace(next, new Node(next.Name, op, [argument], [top], attributes));
                    return;
                }
                if (at.Depth < MaxClimb) open.Enqueue((top, at.Depth + 1));
            }
        }
    }

    private static bool Matches(GraphEdit edit, string value, string x, Func<double, double> function)
        => edit.Type(x).IsFloating() && edit.Shape(x) is { } shape && shape.Equals(edit.Shape(value)) && ScalarFunction.Is(edit, value, x, function);
}
