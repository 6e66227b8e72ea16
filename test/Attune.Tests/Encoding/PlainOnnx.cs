using System.Text;
using Attune.Graphs;

namespace Attune.Tests.Encoding;

/// <summary>ONNX bytes of a small graph, written independently of the library's writer.</summary>
internal static class PlainOnnx
{
    public static byte[] Bytes(Graph graph)
    {
        var opsets = Message(m => { Text(m, 1, ""); Number(m, 2, 21); });
        var learning = Message(m => { Text(m, 1, "ai.onnx.ml"); Number(m, 2, 4); });
        return Message(m =>
        {
            Number(m, 1, 10);
            Block(m, 7, Body(graph));
            Block(m, 8, opsets);
            Block(m, 8, learning);
        });
    }

    private static byte[] Body(Graph graph) => Message(m =>
    {
        foreach (var node in graph.Nodes)
        {
            Block(m, 1, Message(n =>
            {
                foreach (var input in node.Inputs) Text(n, 1, input);
                foreach (var output in node.Outputs) Text(n, 2, output);
                Text(n, 3, node.Name);
                Text(n, 4, node.Operator);
                foreach (var (name, value) in node.Attributes) Block(n, 5, Attribute(name, value));
                Text(n, 7, node.Domain);
            }));
        }
        Text(m, 2, graph.Name);
        foreach (var weight in graph.Weights.All) Block(m, 5, Initializer(weight.Name, weight.Value));
        foreach (var input in graph.Inputs) Block(m, 11, Info(input));
        foreach (var output in graph.Outputs) Block(m, 12, Info(output));
    });

    private static byte[] Attribute(string name, object value) => Message(m =>
    {
        Text(m, 1, name);
        switch (value)
        {
            case long number: Number(m, 3, number); Number(m, 20, 2); break;
            case string text: Text(m, 4, text); Number(m, 20, 3); break;
            case long[] numbers: foreach (var n in numbers) Number(m, 8, n); Number(m, 20, 7); break;
            case string[] texts: foreach (var t in texts) Text(m, 9, t); Number(m, 20, 8); break;
            default: throw new NotSupportedException(value.GetType().Name);
        }
    });

    private static byte[] Initializer(string name, Tensor tensor) => Message(m =>
    {
        foreach (var size in tensor.Sizes) Number(m, 1, size);
        Number(m, 2, (long)tensor.Type);
        Text(m, 8, name);
        Block(m, 9, tensor.Data.Span<byte>().ToArray());
    });

    private static byte[] Info(ValueInfo info) => Message(m =>
    {
        Text(m, 1, info.Name);
        Block(m, 2, Message(t => Block(t, 1, Message(e =>
        {
            Number(e, 1, (long)info.Type);
            Block(e, 2, Message(s =>
            {
                foreach (var axis in info.Shape!.Dimensions)
                    Block(s, 1, Message(d => { if (axis.Size is { } size) Number(d, 1, size); else Text(d, 2, axis.Symbol ?? "?"); }));
            }));
        }))));
    });

    private static byte[] Message(Action<MemoryStream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static void Number(MemoryStream stream, int field, long value)
    {
        Varint(stream, (ulong)field << 3);
        Varint(stream, (ulong)value);
    }

    private static void Text(MemoryStream stream, int field, string text) => Block(stream, field, System.Text.Encoding.UTF8.GetBytes(text));

    private static void Block(MemoryStream stream, int field, byte[] bytes)
    {
        Varint(stream, (ulong)field << 3 | 2);
        Varint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Varint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
