using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Attune.Graphs;

namespace Attune.Weights;

/// <summary>
/// Runs a pickle (protocols 0 to 5) that holds tensors in dicts, lists and tuples, and nothing else. Names outside <see cref="Allowed"/> are refused before anything is made of them;
/// nothing is imported and no code runs. Lengths are checked against the bytes that are there.
/// </summary>
internal sealed class Unpickler(string path, ReadOnlyMemory<byte> bytes)
{
    // The storages, each with the type of its elements.
    private static readonly Dictionary<string, DataType> _storages = new(StringComparer.Ordinal)
    {
        ["torch.BFloat16Storage"] = DataType.BFloat16, ["torch.BoolStorage"] = DataType.Bool, ["torch.ByteStorage"] = DataType.UInt8, ["torch.CharStorage"] = DataType.Int8,
        ["torch.ComplexDoubleStorage"] = DataType.Complex128, ["torch.ComplexFloatStorage"] = DataType.Complex64, ["torch.DoubleStorage"] = DataType.Double,
        ["torch.FloatStorage"] = DataType.Float, ["torch.HalfStorage"] = DataType.Float16, ["torch.IntStorage"] = DataType.Int32, ["torch.LongStorage"] = DataType.Int64,
        ["torch.ShortStorage"] = DataType.Int16,
    };

    // Functions and inert values beside the storages.
    private static readonly HashSet<string> _others = new(StringComparer.Ordinal)
    {
        "collections.OrderedDict", "torch.Size", "torch.device", "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
        "torch.bfloat16", "torch.bool", "torch.float16", "torch.float32", "torch.float64", "torch.int16", "torch.int32", "torch.int64", "torch.int8", "torch.uint8",
    };

    private static readonly object _mark = new();
    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<long, object?> _memo = [];
    private readonly UTF8Encoding _text = new(false, throwOnInvalidBytes: true);
    private int _position;

    /// <summary>Bytes read so far.</summary>
    public int Position => _position;

    /// <summary>Every name that a pickle may refer to.</summary>
    public static IEnumerable<string> Allowed => _storages.Keys.Concat(_others).Order(StringComparer.Ordinal);

    /// <summary>Runs one pickle up to its STOP.</summary>
    /// <exception cref="DataFormatException">The pickle is damaged or refers to a name that is not allowed.</exception>
    public object? Run()
    {
        _stack.Clear();
        _memo.Clear();
        while (true)
        {
            var code = Take(1)[0];
            if (code == (byte)'.') return Pop();
            Step(code);
        }
    }

    private void Step(byte code)
    {
        switch (code)
        {
            case 0x80: if (Take(1)[0] > 5) throw Bad("has a pickle protocol above 5"); break;
            case 0x95: _ = Take(8); break;                                                  // FRAME
            case (byte)'(': _stack.Push(_mark); break;
            case (byte)'0': _ = Pop(); break;
            case (byte)'1': _ = PopToMark(); break;
            case (byte)'2': _stack.Push(Peek()); break;
            case (byte)'N': _stack.Push(null); break;
            case 0x88: _stack.Push(true); break;
            case 0x89: _stack.Push(false); break;
            case (byte)'J': _stack.Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case (byte)'K': _stack.Push((long)Take(1)[0]); break;
            case (byte)'M': _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case 0x8A: PushLong(Take(Take(1)[0])); break;
            case (byte)'G': _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': _stack.Push(Text(Take(Length32()))); break;
            case 0x8C: _stack.Push(Text(Take(Take(1)[0]))); break;
            case 0x8D: _stack.Push(Text(Take(Length64()))); break;
            case (byte)'U': _stack.Push(Text(Take(Take(1)[0]))); break;
            case (byte)'T': _stack.Push(Text(Take(Length32()))); break;
            case (byte)'C': _stack.Push(Take(Take(1)[0]).ToArray()); break;
            case (byte)'B': _stack.Push(Take(Length32()).ToArray()); break;
            case 0x8E: _stack.Push(Take(Length64()).ToArray()); break;
            case (byte)']' or 0x8F: _stack.Push(new List<object?>()); break;
            case (byte)'l' or 0x91: _stack.Push(new List<object?>(PopToMark())); break;
            case (byte)'}': _stack.Push(new PickleDict()); break;
            case (byte)'d': _stack.Push(Fill(new PickleDict(), PopToMark())); break;
            case (byte)')': _stack.Push(Array.Empty<object?>()); break;
            case (byte)'t': _stack.Push(PopToMark()); break;
            case 0x85: _stack.Push(PopMany(1)); break;
            case 0x86: _stack.Push(PopMany(2)); break;
            case 0x87: _stack.Push(PopMany(3)); break;
            case (byte)'a': { var item = Pop(); List().Add(item); break; }
            case (byte)'e' or 0x90: { var items = PopToMark(); List().AddRange(items); break; }
            case (byte)'s': { var pair = PopMany(2); Fill(Dict(), pair); break; }
            case (byte)'u': { var pairs = PopToMark(); Fill(Dict(), pairs); break; }
            case (byte)'q': _memo[Take(1)[0]] = Peek(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case 0x94: _memo[_memo.Count] = Peek(); break;
            case (byte)'h': _stack.Push(Recall(Take(1)[0])); break;
            case (byte)'j': _stack.Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'c': _stack.Push(Global($"{Line()}.{Line()}")); break;
            case 0x93: { var names = PopMany(2); _stack.Push(Global($"{names[0] as string}.{names[1] as string}")); break; }
            case (byte)'Q': _stack.Push(Persistent(Pop())); break;
            case (byte)'R': { var call = PopMany(2); _stack.Push(Call(call[0], call[1])); break; }
            case (byte)'b': Build(Pop()); break;
            default: throw Bad($"uses pickle instruction 0x{code:X2}, which tensors do not need");
        }
    }

    private PickleGlobal Global(string name)
    {
        if (_storages.ContainsKey(name) || _others.Contains(name)) return new PickleGlobal(name);
        var shown = name.Length > 100 ? name[..100] + "…" : name;
        var cure = shown.StartsWith("__torch__", StringComparison.Ordinal) || shown.StartsWith("torch.jit", StringComparison.Ordinal)
            ? "This is a TorchScript program; save the tensors alone with torch.save(model.state_dict(), path)."
            : "Loading it would run foreign code. Where you trust the file, save the tensors alone with torch.save(model.state_dict(), path), or as safetensors.";
        throw new DataFormatException(path, null, null, $"The checkpoint refers to '{shown}', which is not a tensor or a plain container. {cure}");
    }

    private PickleStorage Persistent(object? id)
    {
        // ("storage", type, key, location, count[, view])
        if (id is not object?[] parts || parts.Length is < 5 or > 6 || parts[0] is not "storage" || parts[1] is not PickleGlobal type || parts[2] is not string key || parts[4] is not long count)
            throw Bad("holds a persistent id that is not a storage");
        if (!_storages.TryGetValue(type.Name, out var element)) throw Bad($"holds a storage of type '{type.Name}'");
        if (count < 0 || count > long.MaxValue / 16) throw Bad($"holds a storage of {count} elements");
        if (parts.Length == 6 && parts[5] is not null) throw Bad("holds a storage that is a view of another; save it again with PyTorch 1.0 or newer");
        if (key.Length is 0 or > 256 || key.AsSpan().IndexOfAny("/\\") >= 0 || key.Contains("..", StringComparison.Ordinal)) throw Bad($"names a storage '{(key.Length > 50 ? key[..50] : key)}'; a plain number was expected");
        return new PickleStorage(key, element, count);
    }

    private object? Call(object? function, object? arguments)
    {
        if (function is not PickleGlobal { Name: var name } || arguments is not object?[] given) throw Bad("calls what is not a function");
        switch (name)
        {
            case "collections.OrderedDict" when given.Length == 0: return new PickleDict();
            case "collections.OrderedDict" when given.Length == 1 && given[0] is List<object?> pairs:
                return Fill(new PickleDict(), [.. pairs.SelectMany(p => p is object?[] { Length: 2 } pair ? pair : throw Bad("fills a dict with what is not a pair"))]);
            case "torch.Size" when given.Length == 1 && given[0] is object?[] or List<object?>: return given[0];
            case "torch.device" when given.Length is 1 or 2: return given[0];
            case "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" when given.Length >= 1 && given[0] is PickleTensor: return given[0];
            case "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" when given.Length >= 4: return View(given);
            default: throw Bad($"calls '{name}' with {given.Length} arguments that do not fit");
        }
    }

    private PickleTensor View(object?[] given)
    {
        if (given[0] is not PickleStorage storage || given[1] is not long offset || Sizes(given[2]) is not { } sizes || Sizes(given[3]) is not { } strides) throw Bad("holds a tensor whose storage, offset, sizes or strides are missing");
        var shown = $"tensor [{string.Join(", ", sizes.Take(8))}] with strides [{string.Join(", ", strides.Take(8))}] from element {offset}";
        if (sizes.Length != strides.Length || sizes.Length > 64 || offset < 0 || sizes.Any(s => s < 0) || strides.Any(s => s < 0)) throw Bad($"holds a {shown}, which is not possible");
        try
        {
            var count = Tensor.Product(sizes);
            var last = offset;
            for (var i = 0; i < sizes.Length; i++) last = checked(last + Math.Max(0, sizes[i] - 1) * strides[i]);
            if (count > 0 && last >= storage.Count) throw Bad($"holds a {shown}, which leaves its storage of {storage.Count} elements");
            if (count > Math.Max(storage.Count, 1 << 20)) throw Bad($"holds a {shown}, which repeats a storage of {storage.Count} elements too often");
        }
        catch (Exception e) when (e is OverflowException or ArgumentException)
        {
            throw Bad($"holds a {shown}, whose size exceeds 63 bits");
        }
        return new PickleTensor(storage, offset, sizes, strides);
    }

    private static long[]? Sizes(object? value)
    {
        IReadOnlyList<object?>? items = value switch { object?[] tuple => tuple, List<object?> list => list, _ => null };
        return items is not null && items.All(i => i is long) ? [.. items.Select(i => (long)i!)] : null;
    }

    // OrderedDict carries a version table as its state; tensors need none.
    private void Build(object? state)
    {
        if (Peek() is not PickleDict || state is not (PickleDict or null)) throw Bad("sets the state of what is not a dict");
    }

    private PickleDict Fill(PickleDict dict, object?[] pairs)
    {
        if (pairs.Length % 2 != 0) throw Bad("fills a dict with a key that has no value");
        for (var i = 0; i < pairs.Length; i += 2) dict.Items.Add((pairs[i], pairs[i + 1]));
        return dict;
    }

    private PickleDict Dict() => Peek() as PickleDict ?? throw Bad("sets an item of what is not a dict");

    private List<object?> List() => Peek() as List<object?> ?? throw Bad("appends to what is not a list");

    private object? Recall(long index) => _memo.TryGetValue(index, out var value) ? value : throw Bad($"recalls entry {index}, which was never stored");

    private object? Peek() => _stack.TryPeek(out var value) && !ReferenceEquals(value, _mark) ? value : throw Bad("runs out of values");

    private object? Pop() => _stack.TryPop(out var value) && !ReferenceEquals(value, _mark) ? value : throw Bad("runs out of values");

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--) values[i] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        var values = new List<object?>();
        while (true)
        {
            if (!_stack.TryPop(out var value)) throw Bad("lacks a mark");
            if (ReferenceEquals(value, _mark)) break;
            values.Add(value);
        }
        values.Reverse();
        return [.. values];
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > bytes.Length - _position) throw Bad($"ends within a value (byte {_position} of {bytes.Length})");
        _position += count;
        return bytes.Span.Slice(_position - count, count);
    }

    private int Length32()
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        return length <= int.MaxValue ? (int)length : throw Bad($"states a length of {length} bytes");
    }

    private int Length64()
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return length <= int.MaxValue ? (int)length : throw Bad($"states a length of {length} bytes");
    }

    // Two's complement, little-endian; what fits 63 bits is a long, as everywhere else.
    private void PushLong(ReadOnlySpan<byte> bytes)
    {
        var value = new BigInteger(bytes);
        if (value >= long.MinValue && value <= long.MaxValue) _stack.Push((long)value);
        else _stack.Push(value);
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        try { return _text.GetString(bytes); }
        catch (ArgumentException) { throw Bad("holds text that is not UTF-8"); }
    }

    private string Line()
    {
        var end = bytes.Span[_position..].IndexOf((byte)'\n');
        if (end < 0) throw Bad("ends within a name");
        var line = Take(end + 1)[..^1];
        return Text(line);
    }

    private DataFormatException Bad(string what) => new(path, null, null, $"The checkpoint's pickle {what}. The file is damaged or not a PyTorch checkpoint.");
}
