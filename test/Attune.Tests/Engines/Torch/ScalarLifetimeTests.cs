using System.Reflection;
using System.Reflection.Emit;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using TorchSharp;

namespace Attune.Tests.Engines.Torch;

/// <summary>
/// TorchSharp's <see cref="Scalar"/> frees its native number in a finalizer and nothing holds it during the native call that reads it: a collection in between reads freed
/// memory (wrong numbers, a corrupt heap, a crash). Attune makes scalars only through <see cref="Scalars"/>, which holds them; these tests read the instructions of the assembly.
/// </summary>
public sealed class ScalarLifetimeTests
{
    private static readonly Dictionary<ushort, OpCode> Codes = typeof(OpCodes).GetFields().Select(f => f.GetValue(null)).OfType<OpCode>().ToDictionary(c => (ushort)c.Value);
    private readonly Dictionary<MethodBase, bool> _known = [];

    [Fact]
    public void Nothing_makes_a_scalar_that_nobody_holds()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in typeof(TorchModel).Assembly.GetTypes().Where(t => t != typeof(Scalars)))
        foreach (var method in Methods(type))
        foreach (var called in Calls(method))
            if (called.Module.Assembly == typeof(Scalar).Assembly && Makes(called)) found.Add($"{type.FullName}.{method.Name} calls {called.DeclaringType!.Name}.{called.Name}({string.Join(", ", called.GetParameters().Select(p => p.ParameterType.Name))})");
        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }

    [Fact]
    public void Results_are_the_same_while_garbage_is_collected_all_the_time()
    {
        var g = new GraphBuilder("scalars");
        Value x = g.Input("x", DataType.Float, new Shape("B", 4));
        for (var i = 0; i < 40; i++) x = g.Node("Add", [g.Node("HardSigmoid", [g.Node("Pow", [x, g.Constant("two", Tensor.Of([2f]))])], Attributes.Of(("alpha", 0.3f), ("beta", 0.2f))), x]);
        g.Output(x, "y", DataType.Float, new Shape("B", 4));
        var set = new EncodedSet(8, [new FloatInput("x", 4, [.. Enumerable.Range(0, 32).Select(i => 0.1f * i)])], null);
        using var model = TorchCompiler.Compile(g.Build(), new CompileOptions());
        var (expected, outputs) = (new float[32], new float[32]);
        model.Predict(set, [0, 1, 2, 3, 4, 5, 6, 7], expected);
        using var stop = new CancellationTokenSource();
        var token = stop.Token;
        var collector = new Thread(() =>
        {
            while (!token.IsCancellationRequested) GC.Collect(0);
        });
        collector.Start();
        try
        {
            for (var i = 0; i < 300; i++)
            {
                model.Predict(set, [0, 1, 2, 3, 4, 5, 6, 7], outputs);
                Assert.Equal(expected, outputs);
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    /// <summary>True when the method, or one of TorchSharp's that it calls, turns a number into a scalar.</summary>
    private bool Makes(MethodBase method)
    {
        if (method.DeclaringType == typeof(Scalar)) return method.Name == "op_Implicit" && method is MethodInfo { ReturnType: var made } && made == typeof(Scalar);
        if (method is MethodInfo { Name: "ToScalar" } info && info.ReturnType == typeof(Scalar)) return true;
        if (_known.TryGetValue(method, out var known)) return known;
        _known[method] = false;   // a cycle adds nothing
        return _known[method] = Calls(method).Any(c => c.Module.Assembly == typeof(Scalar).Assembly && Makes(c));
    }

    private static IEnumerable<MethodBase> Methods(Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return [.. type.GetMethods(all), .. type.GetConstructors(all)];
    }

    private static List<MethodBase> Calls(MethodBase method)
    {
        var calls = new List<MethodBase>();
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } body) return calls;
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < body.Length;)
        {
            var value = (ushort)body[at++];
            if (value == 0xFE) value = (ushort)(0xFE00 | body[at++]);
            var code = Codes[value];
            if (code.OperandType is OperandType.InlineMethod)
            {
                if (method.Module.ResolveMethod(BitConverter.ToInt32(body, at), typeArguments, methodArguments) is { } called) calls.Add(called);
            }
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(body, at),
                _ => 4,
            };
        }
        return calls;
    }
}
