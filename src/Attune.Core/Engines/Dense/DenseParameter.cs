using Attune.Graphs;
using Attune.Weights;

namespace Attune.Engines.Dense;

/// <summary>How a parameter lies in the engine's memory.</summary>
internal enum ParameterLayout
{
    /// <summary>n floats, padded with zeros to a multiple of 16.</summary>
    Vector,

    /// <summary>Panels of 64 columns (the last one padded to 16), each row-major: what the micro-kernel reads one after the other.</summary>
    Matrix,

    /// <summary>Rows of an embedding table, not padded.</summary>
    Table,
}

/// <summary>A weight or buffer in the engine's layout, with the way from and to the store's.</summary>
internal sealed unsafe class DenseParameter(Weight weight, ParameterLayout layout, int rows, int columns, bool transposed)
{
    /// <summary>Columns of a panel: four 512-bit vectors.</summary>
    public const int PanelWidth = 64;

    public Weight Weight { get; set; } = weight;

    public string Name => Weight.Name;

    public ParameterLayout Layout { get; } = layout;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public int PaddedColumns { get; } = (columns + 15) & ~15;

    /// <summary>True when the store holds [Columns, Rows].</summary>
    public bool Transposed { get; } = transposed;

    public TrainableWeight? Trainable { get; set; }

    /// <summary>True for running statistics that a training pass changes.</summary>
    public bool IsChangingBuffer { get; set; }

    /// <summary>Place in the flat weight and state buffers; in the gradient buffer too, unless it is a table.</summary>
    public long Offset { get; set; }

    public float* Data { get; set; }

    /// <summary>Gradient rows of a trainable table.</summary>
    public SparseRows? Sparse { get; set; }

    /// <summary>Rises with every change, for packed copies.</summary>
    public long Version { get; set; } = 1;

    public int Count => checked((int)Weight.Count);

    public long PhysicalLength => Layout switch
    {
        ParameterLayout.Matrix => (long)Rows * PaddedColumns,
        _ => (Weight.Count + 15) & ~15L,
    };

    /// <summary>Where the panel of column <paramref name="column"/> (a multiple of 64) starts.</summary>
    public static long PanelStart(int rows, int column) => (long)rows * column;

    /// <summary>Engine layout from the store's; padding stays as it is.</summary>
    public void FromStore(ReadOnlySpan<float> source, float* destination)
    {
        Check(source.Length);
        if (Layout != ParameterLayout.Matrix)
        {
            source.CopyTo(new Span<float>(destination, source.Length));
            return;
        }
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++) destination[Index(row, column)] = source[StoreIndex(row, column)];
        }
    }

    /// <summary>Store layout from the engine's.</summary>
    public void ToStore(float* source, Span<float> destination)
    {
        Check(destination.Length);
        if (Layout != ParameterLayout.Matrix)
        {
            new ReadOnlySpan<float>(source, destination.Length).CopyTo(destination);
            return;
        }
        // Column by column inside a panel: best weights are read after every epoch, and plain indexing took 350 µs for 784 × 64 where this takes a fifth.
        for (var panel = 0; panel < Columns; panel += PanelWidth)
        {
            var start = source + PanelStart(Rows, panel);
            var width = Math.Min(PanelWidth, PaddedColumns - panel);
            var (rowStep, columnStep) = Transposed ? (1, Rows) : (Columns, 1);
            for (var column = panel; column < Math.Min(panel + PanelWidth, Columns); column++)
            {
                var from = start + (column - panel);
                var to = column * columnStep;
                for (var row = 0; row < Rows; row++, to += rowStep, from += width) destination[to] = *from;
            }
        }
    }

    /// <summary>The stored value as floats.</summary>
    public static float[] Floats(Tensor tensor)
    {
        var count = checked((int)tensor.Count);
        var values = new float[count];
        switch (tensor.Type)
        {
            case DataType.Float: tensor.Data.Span<float>().CopyTo(values); break;
            case DataType.Double: for (var i = 0; i < count; i++) values[i] = (float)tensor.Data.Span<double>()[i]; break;
            case DataType.Float16: for (var i = 0; i < count; i++) values[i] = (float)tensor.Data.Span<Half>()[i]; break;
            case DataType.BFloat16: for (var i = 0; i < count; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)tensor.Data.Span<ushort>()[i] << 16); break;
            default: throw new NotSupportedException($"a weight of type {tensor.Type}");
        }
        return values;
    }

    /// <summary>A tensor of the same type and sizes with other values.</summary>
    public static Tensor Replace(Tensor tensor, ReadOnlySpan<float> values)
    {
        var result = new Tensor(tensor.Type, tensor.Sizes, TensorBuffer.Allocate(tensor.Data.ByteLength));
        switch (tensor.Type)
        {
            case DataType.Float: values.CopyTo(result.Data.Span<float>()); break;
            case DataType.Double: for (var i = 0; i < values.Length; i++) result.Data.Span<double>()[i] = values[i]; break;
            case DataType.Float16: for (var i = 0; i < values.Length; i++) result.Data.Span<Half>()[i] = (Half)values[i]; break;
            default: for (var i = 0; i < values.Length; i++) result.Data.Span<ushort>()[i] = RoundToBFloat16(values[i]); break;
        }
        return result;
    }

    private static ushort RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private void Check(int length)
    {
        if (length != Weight.Count) throw new ArgumentException($"Weight '{Name}' has {Weight.Count} values; got {length}.");
    }

    private long Index(int row, int column)
    {
        var panel = column & ~(PanelWidth - 1);
        return PanelStart(Rows, panel) + (long)row * Math.Min(PanelWidth, PaddedColumns - panel) + (column - panel);
    }

    private int StoreIndex(int row, int column) => Transposed ? column * Rows + row : row * Columns + column;
}
