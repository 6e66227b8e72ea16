using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Between Attune's tensors and libtorch's.</summary>
internal static class TorchTensors
{
    /// <summary>
    /// libtorch's type for an element type. It has no unsigned types above 8 bits here: they are kept in the next larger signed one, and kernels wrap where the
    /// range matters.
    /// </summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static torch.ScalarType ScalarType(DataType type) => type switch
    {
        DataType.Float => torch.ScalarType.Float32,
        DataType.Double => torch.ScalarType.Float64,
        DataType.Float16 => torch.ScalarType.Float16,
        DataType.BFloat16 => torch.ScalarType.BFloat16,
        DataType.Int8 => torch.ScalarType.Int8,
        DataType.UInt8 => torch.ScalarType.Byte,
        DataType.Int16 => torch.ScalarType.Int16,
        DataType.Int32 or DataType.UInt16 => torch.ScalarType.Int32,
        DataType.Int64 or DataType.UInt32 or DataType.UInt64 => torch.ScalarType.Int64,
        DataType.Bool => torch.ScalarType.Bool,
        _ => throw new NotSupportedException($"values of type {type} do not run on libtorch"),
    };

    /// <summary>The value in another type: a new handle, also when it has that type already.</summary>
    public static torch.Tensor As(this torch.Tensor source, torch.ScalarType type) => source.dtype == type ? source.alias() : source.to_type(type, false, false, false);

    /// <summary>A copy of a stored tensor on the CPU.</summary>
    public static torch.Tensor FromStored(Tensor source)
    {
        var type = ScalarType(source.Type);
        if (source.Type is DataType.UInt16 or DataType.UInt32) source = Widen(source);
        var result = torch.empty([.. source.Sizes], type);
        if (source.Count == 0) return result;
        if (source.Data.ByteLength <= int.MaxValue) source.Data.Span<byte>().CopyTo(result.bytes);
        else CopyLarge(source, result);
        return result;
    }

    /// <summary>A copy of a tensor's bytes, row-major.</summary>
    /// <param name="source">Any tensor.</param>
    /// <param name="type">The element type it stands for.</param>
    public static Tensor ToStored(torch.Tensor source, DataType type)
    {
        using var converted = source.to_type(ScalarType(type), false, false, false);
        using var host = converted.cpu();
        using var packed = host.contiguous();
        var sizes = packed.shape;
        var count = packed.numel();
        if (type is DataType.UInt16 or DataType.UInt32) return Narrow(packed, type, sizes);
        var data = TensorBuffer.Allocate(type.ByteLength(count));
        if (count > 0) packed.bytes.CopyTo(data.Span<byte>());
        return new Tensor(type, sizes, data);
    }

    /// <summary>Integers of any rank in row-major order.</summary>
    public static long[] ToIntegers(torch.Tensor source)
    {
        var count = source.numel();
        if (count == 0) return [];
        using var wide = source.to_type(torch.ScalarType.Int64, false, false, false);
        using var host = wide.cpu();
        using var packed = host.contiguous();
        return MemoryMarshal.Cast<byte, long>(packed.bytes).ToArray();
    }

    /// <summary>A row of integers as a tensor of rank 1 on the CPU.</summary>
    public static torch.Tensor Integers(ReadOnlySpan<long> values)
    {
        var result = torch.empty([values.Length], torch.ScalarType.Int64);
        if (values.Length > 0) MemoryMarshal.AsBytes(values).CopyTo(result.bytes);
        return result;
    }

    /// <summary>The elements of a contiguous fp32 tensor on the CPU; valid as long as the tensor is.</summary>
    public static Span<float> Floats(torch.Tensor tensor) => tensor.numel() == 0 ? [] : MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>Address of the first element of a CPU tensor.</summary>
    public static unsafe float* Pointer(torch.Tensor tensor)
    {
        if (tensor.numel() == 0) return null;
        using var first = tensor.as_strided([1], [1], tensor.storage_offset());
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    private static unsafe void CopyLarge(Tensor source, torch.Tensor target)
    {
        using var flat = target.view(-1);
        const long chunk = 1 << 26;
        for (long start = 0; start < source.Count; start += chunk)
        {
            var count = Math.Min(chunk, source.Count - start);
            using var part = flat.narrow(0, start, count);
            source.Data.Slice(source.Type.ByteLength(start), source.Type.ByteLength(count)).Span<byte>().CopyTo(part.bytes);
        }
    }

    private static Tensor Widen(Tensor source)
    {
        if (source.Type == DataType.UInt16)
        {
            var wide = new int[source.Count];
            var narrow = source.Data.Span<ushort>();
            for (var i = 0; i < wide.Length; i++) wide[i] = narrow[i];
            return new Tensor(DataType.Int32, source.Sizes, TensorBuffer.From<int>(wide));
        }
        var longs = new long[source.Count];
        var words = source.Data.Span<uint>();
        for (var i = 0; i < longs.Length; i++) longs[i] = words[i];
        return new Tensor(DataType.Int64, source.Sizes, TensorBuffer.From<long>(longs));
    }

    private static Tensor Narrow(torch.Tensor packed, DataType type, long[] sizes)
    {
        var values = ToIntegers(packed);
        return type == DataType.UInt16
            ? new Tensor(type, sizes, TensorBuffer.From<ushort>(Array.ConvertAll(values, v => (ushort)v)))
            : new Tensor(type, sizes, TensorBuffer.From<uint>(Array.ConvertAll(values, v => (uint)v)));
    }
}
