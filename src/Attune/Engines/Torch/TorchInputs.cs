using System.Runtime.InteropServices;
using Attune.Batching.Augmentation;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Losses;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Makes a micro-batch's tensors from an encoded set.</summary>
internal sealed class TorchInputs(Graph graph, torch.Device device, bool channelsLast)
{
    private readonly ValueInfo[] _inputs = [.. graph.Inputs.Where(i => graph.Nodes.Any(n => GraphSort.Reads(n).Contains(i.Name, StringComparer.Ordinal)))];
    private int[] _labels = [];
    private float[] _values = [], _teacher = [];

    /// <summary>The inputs of some rows; the caller disposes them.</summary>
    /// <param name="set">Encoded rows.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="view">View of streamed inputs.</param>
    /// <param name="mixing">How the rows are mixed with each other; null for not at all.</param>
    /// <exception cref="ArgumentException">The set lacks an input, or a block does not fit the graph.</exception>
    public Batch Gather(EncodedSet set, ReadOnlySpan<int> rows, int view, Mixing? mixing = null)
    {
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)set.Rows) throw new ArgumentOutOfRangeException(nameof(rows), row, $"The set has {set.Rows} rows.");
        }
        var values = new Dictionary<string, torch.Tensor>(_inputs.Length, StringComparer.Ordinal);
        foreach (var input in _inputs) values.Add(input.Name, Read(Find(set, input), input, rows, view, mixing));
        return new Batch(values);
    }

    /// <summary>Shapes of the inputs of some rows.</summary>
    public Dictionary<string, long[]> ShapesOf(EncodedSet set, ReadOnlySpan<int> rows)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var input in _inputs)
        {
            var source = Find(set, input);
            shapes.Add(input.Name, source is TokenInput tokens ? tokens.ShapeOf(rows, StreamedInput.PlainView) : ShapeFor(input, source, rows.Length));
        }
        return shapes;
    }

    /// <summary>Tells streamed inputs which rows come next.</summary>
    public static void Expect(EncodedSet set, ReadOnlySpan<int> rows, int view)
    {
        foreach (var input in set.Inputs) (input as StreamedInput)?.Expect(rows, view);
    }

    /// <summary>How the rows of a training pass are mixed; null where the options say not at all.</summary>
    public Mixing? Mixing(EncodedSet set, int rows, CompileOptions options, in MicroStep position)
    {
        if (options.Mixup == 0 && options.Cutmix == 0) return null;
        var (_, height, width) = Plane(ShapeFor(_inputs[0], Find(set, _inputs[0]), rows));
        if (options.Cutmix > 0 && height == 1) throw new ArgumentException($"CutMix pastes a rectangle of one picture into another, but input '{_inputs[0].Name}' is no picture; leave augmentation.cutmix at 0.");
        return Batching.Augmentation.Mixing.Draw(options.Seed, position.Step, position.Index, rows, height, width, options.Mixup, options.Cutmix);
    }

    // Rows that are no pictures are one line of numbers.
    private static (int Channels, int Height, int Width) Plane(long[] shape)
        => shape is [_, var channels, var height, var width] ? ((int)channels, (int)height, (int)width) : (1, 1, checked((int)shape.Skip(1).Aggregate(1L, (product, size) => product * size)));

    /// <summary>Targets of some rows.</summary>
    public LossTargets Targets(EncodedSet set, ReadOnlySpan<int> rows, int view) => set.TargetsOf(rows, view, ref _labels, ref _values, ref _teacher);

    private torch.Tensor Read(EncodedInput source, ValueInfo input, ReadOnlySpan<int> rows, int view, Mixing? mixing)
    {
        if (source is TokenInput tokens) return ReadTokens(tokens, input, rows, view, mixing);
        var isIndex = source is IndexInput;
        using var flat = torch.empty([rows.Length, .. source.RowShape], isIndex ? torch.ScalarType.Int64 : torch.ScalarType.Float32);
        switch (source)
        {
            case StreamedInput streamed: streamed.Read(rows, view, TorchTensors.Floats(flat)); break;
            case FloatInput block:
                var floats = TorchTensors.Floats(flat);
                for (var i = 0; i < rows.Length; i++) block.Values.AsSpan(rows[i] * block.Width, block.Width).CopyTo(floats[(i * block.Width)..]);
                break;
            case IndexInput indices:
                var longs = flat.numel() == 0 ? [] : MemoryMarshal.Cast<byte, long>(flat.bytes);
                for (var i = 0; i < rows.Length; i++)
                {
                    for (var k = 0; k < indices.Width; k++) longs[i * indices.Width + k] = indices.Values[rows[i] * indices.Width + k];
                }
                break;
            default: throw new ArgumentException($"Input '{source.Name}' is a {source.GetType().Name}, which this engine does not read.");
        }
        if (mixing is not null)
        {
            if (isIndex) throw new ArgumentException($"Input '{source.Name}' holds indices, which cannot be mixed; leave augmentation.mixup and augmentation.cutmix at 0.");
            var (channels, height, width) = Plane(ShapeFor(input, source, rows.Length));
            mixing.Apply(TorchTensors.Floats(flat), channels, height, width);
        }
        using var shaped = flat.reshape(ShapeFor(input, source, rows.Length));
        var type = input.Type == DataType.Undefined ? shaped.dtype : TorchTensors.ScalarType(input.Type);
        return Place(shaped.to(type, device));
    }

    private torch.Tensor ReadTokens(TokenInput source, ValueInfo input, ReadOnlySpan<int> rows, int view, Mixing? mixing)
    {
        if (mixing is not null) throw new ArgumentException($"Input '{source.Name}' holds token ids, which cannot be mixed; leave augmentation.mixup and augmentation.cutmix at 0.");
        using var whole = torch.empty(source.ShapeOf(rows, view), torch.ScalarType.Int64);
        source.Read(rows, view, whole.numel() == 0 ? [] : MemoryMarshal.Cast<byte, long>(whole.bytes));
        var type = input.Type == DataType.Undefined ? whole.dtype : TorchTensors.ScalarType(input.Type);
        return whole.to(type, device).alias();
    }

    /// <summary>The value where and how this engine's nodes read it best; takes the given handle over.</summary>
    public torch.Tensor Place(torch.Tensor value)
    {
        if (value.device_type != device.type)
        {
            using (value) return Place(value.to(device));
        }
        if (!channelsLast || value.dim() != 4 || value.size(1) == 1) return value;
        using (value) return ChannelsLast(value);
    }

    /// <summary>The same [B, C, H, W] values, in memory as [B, H, W, C], which libtorch's convolutions read faster and pass on.</summary>
    private static torch.Tensor ChannelsLast(torch.Tensor value)
    {
        using var turned = value.permute(0, 2, 3, 1);
        using var packed = turned.contiguous();
        return packed.permute(0, 3, 1, 2);
    }

    // A block [R, F] may feed an input of any row shape with F elements: [B], [B, F], [B, 16, 96].
    private static long[] ShapeFor(ValueInfo input, EncodedInput source, int rows)
    {
        if (input.Shape is not { } shape) return [rows, .. source.RowShape];
        if (shape.Rank == 1 && source.Width == 1) return [rows];
        var sizes = new long[shape.Rank];
        var product = 1L;
        sizes[0] = rows;
        for (var axis = 1; axis < sizes.Length; axis++)
        {
            if (shape[axis].Size is not { } size) return [rows, .. source.RowShape];
            product *= sizes[axis] = size;
        }
        return product == source.Width ? sizes : throw new ArgumentException($"Input '{input.Name}' takes {shape}, {product} numbers a row; the set's block has {source.Width}.");
    }

    private static EncodedInput Find(EncodedSet set, ValueInfo input)
        => set.Inputs.FirstOrDefault(i => i.Name == input.Name) ?? throw new ArgumentException($"The set has no input '{input.Name}', which the model needs. It has {NearestName.Preview(set.Inputs.Select(i => i.Name))}.");

    /// <summary>A micro-batch's inputs by name.</summary>
    internal sealed class Batch(Dictionary<string, torch.Tensor> values) : IDisposable
    {
        /// <summary>The tensors.</summary>
        public IReadOnlyDictionary<string, torch.Tensor> Values { get; } = values;

        /// <inheritdoc/>
        public void Dispose()
        {
            foreach (var value in Values.Values) value.Dispose();
        }
    }
}
